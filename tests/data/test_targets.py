import pytest

from dovetail.data import select_columns
from dovetail.errors import SchemaError

NAMES = ["a", "label_1", "b", "label_2", "c:d", "*", "价格"]


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        (["b"], ("b",)),
        (["label_*"], ("label_1", "label_2")),
        (["label_1:label_2"], ("label_1", "b", "label_2")),
        (["b", "label_*", "a:label_1"], ("b", "label_1", "label_2", "a")),
        (["c:d"], ("c:d",)),  # a name, though it looks like a range
        (["b:c:d"], ("b", "label_2", "c:d")),  # the second colon belongs to a name
        (["*"], ("*",)),  # a name, though it looks like a glob
        (["价格"], ("价格",)),
        (["label_?"], ("label_1", "label_2")),
        (["b:b"], ("b",)),
        ([], ()),
    ],
)
def test_names_globs_and_ranges(patterns, chosen):
    assert select_columns(patterns, NAMES) == chosen


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("lable_1", "Did you mean 'label_1'"),
        ("tag_*", "no column matches 'tag_*'"),
        ("lable_1:b", "Did you mean 'label_1'"),
        ("b:a", "runs backwards"),
        ("zzz", "Columns: 'a', 'label_1'"),
        ("", "no column is named ''"),
    ],
)
def test_what_fits_nothing_is_named(pattern, said):
    with pytest.raises(SchemaError) as caught:
        select_columns([pattern], NAMES)
    assert said in str(caught.value)


def test_many_columns_are_counted_instead_of_listed():
    names = [f"column {i}" for i in range(300)]
    with pytest.raises(SchemaError, match="300 columns") as caught:
        select_columns(["zzz"], names)
    assert len(str(caught.value)) < 300


def test_the_use_of_the_columns_leads_the_message():
    with pytest.raises(SchemaError, match=r"^drop: "):
        select_columns(["zzz"], NAMES, what="drop")
