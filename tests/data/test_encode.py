"""Shorter ways to the same features: tables, blocks of rows, dictionaries of text."""

import numpy as np
import pyarrow as pa
import pytest

from dovetail.data import Schema, _encode, cells, dates

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND


def bits(features):
    return [feature.view(np.uint32).tolist() for feature in features]


@pytest.mark.parametrize("off", [0, 1])
def test_hours_by_a_table_are_those_worked_out(off, monkeypatch):
    """Of whole seconds; a microsecond more is not in the table."""
    monkeypatch.setattr(dates, "_FEW", 1)
    micros = np.arange(0, _DAY, 7 * _SECOND) + off
    assert bits(dates._of_clock(micros)) == bits(dates._hours(micros))


@pytest.mark.parametrize("first", [-5000, 0, 1023, 1024])
@pytest.mark.parametrize("part", ["month", "day", "weekday"])
def test_days_by_a_calendar_are_those_worked_out(first, part):
    days = first + np.random.default_rng(0).integers(0, 2000, 5000)
    days[:2] = days.min(), days.max()
    assert bits(dates._of_calendar(days, part)) == bits(dates._day_features(days, part))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
@pytest.mark.parametrize("coded", [False, True])
def test_an_empty_cell_is_missing_also_in_a_dictionary(kind, coded):
    if coded and kind == pa.string_view():
        pytest.skip("has no dictionaries")
    column = pa.chunked_array([["b", "", "a"], [None, "c", "", "b"]]).cast(kind)
    found = cells.words(column.dictionary_encode() if coded else column)
    assert found.codes.tolist() == [0, -1, 1, -1, 2, -1, 0]
    assert found.distinct.to_pylist() == ["b", "a", "c"]


def test_blocks_of_rows_are_the_whole(monkeypatch):
    n = 50
    stream = np.random.default_rng(0)
    table = pa.table(
        {
            "x": pa.array(stream.normal(size=n), mask=stream.random(n) < 0.2),
            "member": [["yes", "no", ""][i % 3] for i in range(n)],
            "colour": [["red", "", None, "blue", "once"][i % 5] for i in range(n)],
            "day": [f"2024-0{1 + i % 9}-1{i % 7}" for i in range(n)],
        }
    )
    schema = Schema.fit(table, target=())
    whole = schema.transform(table)
    monkeypatch.setattr(_encode, "_ROWS", 7)
    monkeypatch.setattr(_encode, "_LOOKED_UP", 9)
    again = schema.transform(table)
    assert again.numbers.equal(whole.numbers)
    assert again.categories.equal(whole.categories)
    # Two spellings of a missing cell, one index.
    assert whole.categories[1].item() == whole.categories[2].item() == 1
