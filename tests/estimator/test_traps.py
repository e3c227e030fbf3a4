"""What a fit says before it trains: labels alike, files twice, rows as lists."""

import numpy as np
import pytest
import torch

import dovetail as dt
from dovetail.errors import SchemaError


def test_a_list_of_lists_is_read_as_the_matrix() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(80, 3)), rng.choice(["a", "b"], 80)
    matrix, lists = dt.plan(x, y), dt.plan(x.tolist(), y.tolist())
    assert lists.schema == matrix.schema
    one = matrix.schema.transform(matrix.given.main.table)
    two = lists.schema.transform(lists.given.main.table)
    assert torch.equal(one.numbers, two.numbers)


def test_row_numbers_in_a_list_of_lists_are_numbers_as_in_a_matrix() -> None:
    x = [[i, i % 7, "ab"[i % 2]] for i in range(60)]
    planned = dt.plan(x, [float(i * i % 31) for i in range(60)])
    kinds = {column.name: column.kind for column in planned.schema.inputs}
    assert kinds == {"x0": "number", "x1": "number", "x2": "category"}


@pytest.mark.parametrize(
    ("labels", "told"),
    [(["No", "no", "yes"], True), (["no", " no", "yes"], True), (["no", "yes"], False)],
)
def test_labels_that_sound_alike_are_told_of(labels: list[str], told: bool) -> None:
    table = {"x": list(range(60)), "y": [labels[i % len(labels)] for i in range(60)]}
    notes = dt.plan(table, "y", kinds={"x": "number"}).notes
    assert any("differ in case or blanks only" in note for note in notes) == told


def test_predict_names_no_option_that_it_lacks(tmp_path) -> None:
    x, noise = np.random.default_rng(0).normal(size=(2, 40))
    model = dt.fit({"x": x}, 3 * x + 0.1 * noise, epochs=5, folds=2)
    with pytest.raises(SchemaError, match="'tall' is not a number") as caught:
        model.predict({"x": ["1", "tall"]})
    assert "--kind" not in str(caught.value)
    assert "correct the cell" in str(caught.value)
