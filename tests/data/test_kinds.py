from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest

from dovetail.data import infer_kind
from dovetail.data._place import Place
from dovetail.data.kinds import impose_kind
from dovetail.errors import ConfigError, DataError, SchemaError

RNG = np.random.Generator(np.random.PCG64(0))
SENTENCES = [f"the {i} quick brown foxes jump over it" for i in range(40)]
TITLES = [f"词汇阅读是关键第{i}篇阅读" for i in range(40)]
UUIDS = [str(UUID(int=i * 2**90)) for i in range(12)]


def column(values, kind=None):
    return pa.chunked_array([pa.array(values, kind)])


COLUMNS = {
    "floats": (RNG.normal(size=50), "number"),
    "sorted floats": (np.arange(50.0), "number"),
    "whole numbers": (RNG.integers(0, 9, 50), "number"),
    "few integers": ([0, 1, 1, 0] * 10, "number"),
    "decimals": ([Decimal("1.5"), Decimal("2.5")], "number"),
    "one number or missing": ([3.0, None, 3.0], "number"),
    "sorted with jumps": (np.cumsum(RNG.integers(1, 99, 50)), "number"),
    "row numbers": (range(1, 51), "identifier"),
    "row numbers with steps": (range(0, 500, 10), "identifier"),
    "row numbers, some gone": (np.delete(np.arange(60), [3, 9, 40]), "identifier"),
    "too few for row numbers": ([1, 2, 3], "number"),
    "with a gap in the cells": ([1, None, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], "number"),
    "true and false": ([True, False, None], "boolean"),
    "yes and no": (["Yes", "no", "YES", None], "boolean"),
    "on and off": (["on", "off"], "boolean"),
    "yes and false": (["yes", "false", "yes"], "category"),
    "yes or missing": (["yes", None, "yes"], "category"),
    "colours": (["red", "blue", "red", None], "category"),
    "emoji": (["😀", "🎉", "😀"] * 9, "category"),
    "a few distinct words": (["red", "blue", "green"], "category"),
    "repeated sentences": (SENTENCES[:3] * 20, "category"),
    "sentences": (SENTENCES, "text"),
    "Chinese titles": (TITLES, "text"),
    "codes": ([f"A-{i}x" for i in range(40)], "identifier"),
    "UUIDs": (UUIDS, "identifier"),
    "cities": ([f"Ort {i % 25}" for i in range(40)], "category"),
    "codes, each twice": ([f"A-{i // 2}x" for i in range(3000)], "category"),
    "names, nearly all differ": ([f"Ort {i % 36}" for i in range(40)], "identifier"),
    "names, one in nine again": ([f"Ort {i % 35}" for i in range(40)], "category"),
    "UUIDs, each twice": (UUIDS * 2, "identifier"),
    "UUIDs, each three times": (UUIDS * 3, "category"),
    "numbers as text": ([str(i / 8) for i in range(40)], "number"),
    "times": ([datetime(2024, 1, 1, h) for h in range(5)], "datetime"),
    "days": ([date(2024, 1, d) for d in range(1, 6)], "datetime"),
    "times as text": (["2024-01-01 10:00", "2024-02-01 11:00"], "datetime"),
    "times with offsets": (["2024-01-01T10:00Z", "2024-02-01T11:00+02:00"], "datetime"),
    "days as text": ([f"2024-01-{d:02}" for d in range(1, 31)], "datetime"),
    "all missing": ([None, None], "constant"),
    "NaN": ([float("nan"), None], "constant"),
    "empty texts": (["", ""], "constant"),
    "one number": ([2.0, 2.0], "constant"),
    "one text": (["x", "x"], "constant"),
    "one truth": ([True, True], "constant"),
    "one day": ([date(2024, 1, 1)] * 3, "constant"),
    "no rows": ([], "constant"),
    "lists": ([[1, 2], [3]], "list"),
    "bytes": ([b"x", b"y"], "list"),
}  # fmt: skip


@pytest.mark.parametrize("case", COLUMNS)
def test_the_kind_is_read_from_the_cells(case):
    values, kind = COLUMNS[case]
    found = infer_kind(column(values), "x")
    assert found.kind == kind, found.reason
    assert found.reason


def test_a_column_named_id_need_not_be_in_order():
    shuffled = RNG.permutation(50) * 7
    assert infer_kind(column(shuffled), "customer_id").kind == "identifier"
    assert infer_kind(column(shuffled), "CustomerID").kind == "identifier"
    assert infer_kind(column(shuffled), "Customer ID").kind == "identifier"
    assert infer_kind(column(shuffled), "humidity").kind == "number"
    assert infer_kind(column(shuffled), "fixed acid").kind == "number"
    assert infer_kind(column(shuffled), "GRID").kind == "number"
    assert infer_kind(column(shuffled % 9), "customer_id").kind == "number"
    assert infer_kind(column(shuffled * 1.0), "customer_id").kind == "number"


def test_text_named_id_need_not_differ_nearly_always():
    codes = [f"A-{i % 25}x" for i in range(40)]
    assert infer_kind(column(codes), "customer_id").kind == "identifier"
    assert infer_kind(column(codes), "humid").kind == "category"
    assert infer_kind(column(codes * 2), "customer_id").kind == "category"


def test_a_declared_category_stays_one():
    codes = column([f"A-{i}x" for i in range(40)]).dictionary_encode()
    assert infer_kind(codes, "x").kind == "category"
    assert infer_kind(column(range(40)).dictionary_encode(), "x").kind == "category"


def test_the_last_cell_counts():
    late = [1.0] * 5000 + [2.0]
    assert infer_kind(column(late), "x").kind == "number"
    words = ["yes", "no"] * 2500 + ["maybe"]
    assert infer_kind(column(words), "x").kind == "category"


@pytest.mark.parametrize(
    ("values", "kind", "row", "value"),
    [
        (["1", "2", None, "n/a"], "number", 4, "'n/a'"),
        (["1,5", "2"], "number", 1, "'1,5'"),
        (["yes", "perhaps"], "boolean", 2, "'perhaps'"),
        ([0, 1, 2], "boolean", 3, "2"),
        (["2024-01-01", None, "soon", "later"], "datetime", 3, "'soon'"),
        ([None, 5], "datetime", 2, "5"),
        ([date(2024, 1, 1)], "number", 1, "2024"),
        ([[1]], "category", 1, "[1]"),
    ],
)
def test_an_impossible_kind_names_the_first_bad_cell(values, kind, row, value):
    with pytest.raises(SchemaError) as caught:
        impose_kind(column(values), "x", kind, Place("file.csv"))
    assert f"column 'x', data row {row}: " in str(caught.value)
    assert value in str(caught.value)
    assert str(caught.value).startswith("file.csv: ")


def test_a_possible_kind_is_taken():
    assert impose_kind(column([1, 2]), "x", "category").kind == "category"
    assert impose_kind(column([" 1", "2e3", None]), "x", "Number").kind == "number"
    assert impose_kind(column(["T", "f"]), "x", "yes/no").kind == "boolean"
    assert impose_kind(column(range(50)), "x", "number").kind == "number"
    assert impose_kind(column(["1", "2"]), "x", "identifier").kind == "identifier"


def test_an_unknown_kind_gets_a_suggestion():
    with pytest.raises(ConfigError, match="Did you mean 'category'"):
        impose_kind(column([1]), "x", "categorie")


def test_infinity_is_refused():
    with pytest.raises(DataError, match="column 'x', data row 2"):
        infer_kind(column([1.0, float("-inf")]), "x")
