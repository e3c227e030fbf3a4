"""Money, per cent and day-first dates: read where clear, told of where not."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from dovetail.data import Schema, amounts, day_first, find_leaks, read_table
from dovetail.data.reading.doubts import doubt
from dovetail.errors import SchemaError


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("$1,234.50", 1234.5),
        ("1234 €", 1234.0),
        ("-£5", -5.0),
        ("£-5", -5.0),
        ("12 %", 0.12),
        ("7%", 0.07),
        ("1,250", 1250.0),
        ("12,50 €", None),  # a decimal comma, or a mistake
        ("$", None),
        ("5 m", None),
        ("-$-5", None),
        ("+-5", None),
        ("- $ 5", -5.0),
    ],
)
def test_an_amount_is_its_number(text: str, number: float | None) -> None:
    assert amounts.value(text) == number


def read(tmp_path, text: str):
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    return read_table(tmp_path / "t.csv")


def test_a_column_of_amounts_is_numbers_with_a_note(tmp_path) -> None:
    got = read(tmp_path, 'a,b\n"$1,000.50",5 %\n$7,\n,12.5 %\n')
    assert got.table["a"].to_pylist() == [1000.5, 7.0, None]
    assert got.table["b"].to_pylist() == [0.05, None, 0.125]
    assert got.notes == (
        "column 'a': numbers with the sign $, '$1,000.50' read as 1000.5",
        "column 'b': numbers with the sign %, '5 %' read as 0.05",
    )


@pytest.mark.parametrize(
    "cells", [["$5", "€5"], ["5 %", "5"], ["$5", "much"], ["$5", "-$-5"]]
)
def test_signs_that_differ_stay_text(tmp_path, cells: list[str]) -> None:
    got = read(tmp_path, "a,b\n" + "".join(f"{c},1\n" for c in cells))
    assert got.table["a"].to_pylist() == cells


def test_a_model_reads_an_amount_alone_as_among_others() -> None:
    """One stray cell makes a file's column text; its other cells keep their values."""
    train = pa.table({"x": [0.05, 0.1, 0.2, 0.4], "z": [1, 3, 2, 5]})
    schema = Schema.fit(train, target=())
    plain = schema.transform(train).numbers
    signs = pa.table({"x": ["5 %", "10%", "0.2", "40 %"], "z": [1, 3, 2, 5]})
    np.testing.assert_array_equal(schema.transform(signs).numbers, plain)
    with pytest.raises(SchemaError, match="data row 3: 'some' is not a number"):
        schema.transform(signs.set_column(0, "x", [["5 %", "10%", "some", "1"]]))


def test_a_category_written_as_an_amount_is_known_where_all_are_numbers() -> None:
    """The file of training had a word among them, the file of now has none."""
    train = pa.table({"x": ["5 %", "5 %", "none yet", "none yet", "9 %", "9 %"]})
    schema = Schema.fit(train, target=(), kinds={"x": "category"})
    index = dict(
        zip(
            train["x"].to_pylist(),
            schema.transform(train).categories[:, 0],
            strict=True,
        )
    )
    now = schema.transform(pa.table({"x": [0.09, 0.05]})).categories[:, 0]
    assert now.tolist() == [index["9 %"], index["5 %"]]


@pytest.mark.parametrize(
    ("cells", "begins"),
    [
        (["31/12/2024", "1/2/2024"], "day"),
        (["12/31/2024", "1/2/2024"], "month"),
        (["1/2/2024", "3/4/2024"], "either"),
        (["1.2.2024", "3.4.2024"], "day"),
        (["31/12/2024 23:59", None], "day"),
        (["31/12/2024", "12/31/2024"], None),
        (["45/1/2024"], None),
        (["31/12/24"], None),
        (["soon"], None),
    ],
)
def test_what_dates_begin_with(cells: list[str | None], begins: str | None) -> None:
    assert day_first.order_of(pa.chunked_array([cells])) == begins


def test_dates_that_begin_with_the_day_are_those_of_iso() -> None:
    days = pd.date_range("2023-01-25", periods=40, freq="17D")
    iso = pa.table({"d": days.strftime("%Y-%m-%d").tolist()})
    european = pa.table({"d": days.strftime("%d/%m/%Y").tolist()})
    american = pa.table({"d": days.strftime("%m/%d/%Y").tolist()})
    wanted = Schema.fit(iso, target=()).transform(iso).numbers
    for table in (european, american):
        schema = Schema.fit(table, target=())
        np.testing.assert_array_equal(schema.transform(table).numbers, wanted)
        again = Schema.from_json(schema.to_json())
        np.testing.assert_array_equal(again.transform(table).numbers, wanted)
        # One row says nothing of the order; the schema remembers it. ISO goes, too.
        np.testing.assert_array_equal(again.transform(table[:1]).numbers, wanted[:1])
        np.testing.assert_array_equal(again.transform(iso).numbers, wanted)


def test_dates_of_which_the_day_is_not_clear_are_not_guessed() -> None:
    table = pa.table({"d": ["1/2/2024", "3/4/2024"] * 5, "x": list(range(5)) * 2})
    ((name, why),) = Schema.fit(table, target=()).set_aside
    assert name == "d"
    assert "could begin with the day or the month; write dates as 2024-12-31" in why
    with pytest.raises(SchemaError, match="'1/2/2024' could begin with the day or"):
        Schema.fit(table, target=(), kinds={"d": "datetime"})


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["1"] * 9 + ["many"], "1 of 10 cells are no numbers: 'many' (data row 10)"),
        (["1", "2", "a", "b"], None),
        (["007", "012"], None),
        (["3,14", "2,5"], "write decimal commas as points"),
        (["45 m2", "50 m2"], "write the numbers alone"),
        (["a", "b"], None),
        ([None, None], None),
    ],
)
def test_text_that_may_be_numbers_is_told_of(cells, words: str | None) -> None:
    said = doubt(pa.chunked_array([pa.array(cells, pa.string())]))
    assert (said is None) if words is None else (said is not None and words in said)


def test_a_date_beside_numbers_does_not_make_their_sums_near() -> None:
    """Its microseconds are so large that any two numbers were near each other."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 50, (2, 200))
    columns = {f"x{j}": rng.integers(0, 7, 200) for j in range(40)}
    columns |= {"a": a, "b": b, "y": a + b, "day": pd.date_range("2020", periods=200)}
    table = pa.table({n: pa.array(c) for n, c in columns.items()})
    inputs = [n for n in columns if n != "y"]
    assert [leak.columns for leak in find_leaks(table, ["y"], inputs)] == [("a", "b")]
