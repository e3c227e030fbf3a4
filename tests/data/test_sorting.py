"""Keys that sort as cells do, whatever holds the column."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dovetail.data import sort_key

NAN = float("nan")


def column(cells: list[object], kind: pa.DataType | None = None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(cells, kind)])


@pytest.mark.parametrize(
    "cells",
    [
        column([3, 1, None, 2]),
        column([3.0, 1.0, None, 2.0]),
        column(["3", "1.0", None, "2"]),
        column([3, 1, None, 2], pa.int8()),
    ],
)
def test_a_number_is_a_number(cells: pa.ChunkedArray) -> None:
    assert np.array_equal(sort_key(cells, "number"), [3, 1, NAN, 2], equal_nan=True)


def test_zeros_are_one_and_so_are_missing_cells() -> None:
    found = sort_key(column([0.0, -0.0]), "number")
    assert not np.signbit(found).any()
    assert sort_key(column(["a", None, ""]), "category").tolist() == [0, -1, -1]


@given(st.lists(st.text(max_size=3).filter(bool), min_size=1))
def test_words_sort_by_their_letters_wherever_they_stand(words: list[str]) -> None:
    found = sort_key(column(list(words), pa.string()), "category")
    turned = sort_key(column(words[::-1], pa.string()), "category")
    assert [words[i] for i in np.argsort(found, kind="stable")] == sorted(words)
    assert turned.tolist() == found.tolist()[::-1]


def test_truths_and_times() -> None:
    assert sort_key(column(["yes", "no"]), "boolean").tolist() == [1, 0]
    assert sort_key(column([True, False]), "boolean").tolist() == [1, 0]
    times = ["2020-01-02", "1969-12-31"]
    parsed = column(times).cast(pa.timestamp("us"))
    assert sort_key(column(times), "datetime").tolist() == sort_key(parsed).tolist()


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["31/1/2024", "5/2/2024", None], [1, 2, 0]),  # the day first: January before
        (["2024-02-05", "2024-01-31", None], [2, 1, 0]),
    ],
)
def test_dates_sort_by_their_time_however_they_are_written(
    cells: list[object], order: list[int]
) -> None:
    found = sort_key(column(cells), "datetime")
    assert np.unique(found, return_inverse=True)[1].tolist() == order
