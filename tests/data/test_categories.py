"""Labels to indices of an embedding table: the same label, the same index."""

import pyarrow as pa
import pytest
import torch

from dovetail.data import Schema


def one(values, **options):
    return Schema.fit(pa.table({"x": values}), target=(), **options)


def test_categories_by_frequency_then_name():
    values = ["b", "a", "c", "c", "b", "c", "a", None, "once"]
    schema = one(values)
    table = pa.table({"x": ["c", "a", "b", "once", "new", None]})
    # c three times; a and b twice, by name; once and new unseen; missing
    assert schema.transform(table).categories[:, 0].tolist() == [2, 3, 4, 0, 0, 1]
    assert schema.cardinalities == (5,)


@pytest.mark.parametrize(
    "seen", [[3, 5, 3, 5], [3.0, 5.0, 3.0, 5.0], ["3", "5", "3", "5"]]
)
@pytest.mark.parametrize("given_as", [[3, 7, None], [3.0, 7.5, None], ["3", "x", None]])
def test_a_category_has_one_meaning_whatever_type_carries_it(seen, given_as):
    schema = one(seen, kinds={"x": "category"})
    indices = schema.transform(pa.table({"x": given_as})).categories[:, 0]
    assert indices.tolist() == [2, 0, 1]


def test_a_number_spelt_as_text_meets_its_category():
    schema = one([3, 5, 3, 5], kinds={"x": "category"})
    found = schema.transform(pa.table({"x": ["3.0", "05", "x"]})).categories[:, 0]
    assert found.tolist() == [2, 3, 0]
    coded = one(["07", "A", "07", "A"])  # and a file of "07" alone is read as integers
    assert coded.transform(pa.table({"x": [7]})).categories.item() == 2


def test_many_categories_are_learnt_and_met_again():
    words = [f"code {i // 2}" for i in range(16_000)]
    schema = one(words)
    assert schema.cardinalities == (8_002,)
    indices = schema.transform(pa.table({"x": words})).categories[:, 0]
    assert sorted(set(indices.tolist())) == list(range(2, 8_002))
    assert torch.equal(indices[::2], indices[1::2])


def test_of_very_many_categories_the_most_frequent_are_kept():
    often = [f"often {i}" for i in range(4_000)] * 3
    words = [f"code {i // 2}" for i in range(16_000)] + often
    schema = one(words)
    assert schema.cardinalities == (10_002,)
    indices = schema.transform(pa.table({"x": words})).categories[:, 0]
    assert (indices[16_000:] >= 2).all()
    # 4,000 are often; of the 8,000 others 6,000 have a place, with two rows each
    assert (indices[:16_000] >= 2).sum() == 12_000
    assert "unseen or rare" in schema.describe()[0][3]
