"""Which task a target is: made columns of every kind, and every real data set."""

import datetime
import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pytest

from dovetail.errors import TargetError
from dovetail.tasks import Reading, from_json, infer_task

RNG = np.random.default_rng(0)
N = 600


def often(values: Any, n: int = N) -> list[Any]:
    """Each value about equally often, in mixed order."""
    return RNG.permutation(np.resize(np.array(values, dtype=object), n)).tolist()


def shares(values: Any, weights: Any, n: int = N) -> list[Any]:
    """Values in proportion to their weights, each at least once."""
    p = np.array(weights, dtype=float)
    drawn = RNG.choice(len(values), size=n - len(values), p=p / p.sum())
    return [*values, *[values[i] for i in drawn]]


def sets(labels: str, separator: str, n: int = N, most: int = 3) -> list[str]:
    """Delimited sets of one to ``most`` of the labels."""
    words = labels.split()
    return [
        separator.join(RNG.permutation(words)[: RNG.integers(1, most + 1)])
        for _ in range(n)
    ]


def hump(low: int, high: int, n: int = N) -> list[int]:
    """Whole numbers with a mode in the middle, both ends present."""
    middle = RNG.normal((low + high) / 2, (high - low) / 5, size=n)
    return [low, high, *middle.round().clip(low, high).astype(int).tolist()]


# name: (values, task, second reading, words of the reason)
CASES: dict[str, tuple[Any, str, str | None, str]] = {
    # two values of any kind
    "yes/no": (often(["yes", "no"]), "Binary", None, "2 distinct values, 'no'"),
    "M/F": (often(["M", "F"]), "Binary", None, "'F' and 'M'"),
    "1/2": (often([1, 2]), "Binary", "Regression", "1 and 2"),
    "0/1": (often([0, 1]), "Binary", None, "0 and 1"),
    "True/False": (often([True, False]), "Binary", None, "False and True"),
    "3.5/7.25": (often([3.5, 7.25]), "Binary", "Regression", "3.5 and 7.25"),
    "0.0/1.0": (often([0.0, 1.0]), "Binary", "Regression", "as decimals"),
    "0/1 text": (often(["0", "1"]), "Binary", None, "'0' and '1'"),
    "0/1 missing": (often([0, 1, None]), "Binary", None, "200 of 600 cells"),
    "emoji pair": (often(["😀", "😡"]), "Binary", None, "'😀'"),
    "pair with comma": (often(["Smith, J", "Lee, K"]), "Binary", None, "Smith"),
    "one spelt twice": (often(["5", "5.0", "7"]), "Binary", "Regression", "5 and 7"),
    "delimited pair": (often(["a|b", "c"]), "Binary", None, "2 distinct"),
    "two dates": (
        [datetime.date(2020, 1, 1), datetime.date(2021, 1, 1)] * 9, "Binary", None,
        "2 distinct values, 2020-01-01 and 2021-01-01: Binary",
    ),
    "two times": (
        [datetime.datetime(2020, 1, 1), datetime.datetime(2020, 1, 1, 12, 30)] * 9,
        "Binary", None, "2020-01-01 and 2020-01-01 12:30:00",
    ),
    "three dates": (
        pd.Series(pd.to_datetime(["2020-03-01", "2020-01-01", "2020-02-01"] * 9)),
        "Multiclass", "Ordinal", "as '2020-03-01'",
    ),
    # words
    "animals": (["dog", "cat", "fox", "cat"], "Multiclass", "Ordinal", "text, 3"),
    "cities": (
        often(["New York", "Boston", "San Diego", "New Orleans", "San Jose"]),
        "Multiclass", "Ordinal", "text, 5 words",
    ),
    "colours": (
        often(["dark red", "light red", "red", "dark blue", "light blue", "blue"]),
        "Multiclass", "Ordinal", "text, 6",
    ),
    "surnames": (
        often(["Smith, John", "Lee, Ann", "Diaz, Eva"]), "Multiclass", "Ordinal",
        "text, 3",
    ),
    "city, state": (
        often([f"{c}, {s}" for c, s in zip(
            ["Salem", "Boise", "Provo", "Ogden", "Reno", "Elko", "Bend", "Nampa"],
            ["OR", "ID", "UT", "UT", "NV", "NV", "OR", "ID"], strict=True)]),
        "Multiclass", "Ordinal", "text, 8",
    ),
    "people": (
        often([f"{a}, {b}" for a in ("Smith", "Lee", "Diaz", "Chen", "Kaya") for b in
               ("Ann", "Bob", "Eva", "Max", "Zoe")]), "Multiclass", "Ordinal", "25",
    ),
    "hierarchy": (
        often(["home/kitchen", "home/garden", "tech/phone", "tech/tv"]),
        "Multiclass", "Ordinal", "",
    ),
    "compound": (
        often(["bus", "car", "train;metro", "walk;bike"]), "Multiclass", "Ordinal", "",
    ),
    "letters": (often(list("ABC")), "Multiclass", "Ordinal", "no known order"),
    "26 letters": (
        often(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), "Multiclass", "Ordinal", "26",
    ),
    "Chinese": (often(["体育", "财经", "科技"]), "Multiclass", "Ordinal", "text, 3"),
    "Japanese": (often(["猫", "犬", "狐"]), "Multiclass", "Ordinal", "text, 3"),
    "emoji": (often(["😀", "😢", "😡"]), "Multiclass", "Ordinal", "text, 3"),
    "ZIP codes": (
        often(["01234", "02139", "90210"]), "Multiclass", "Ordinal", "text, 3",
    ),
    "numbers or not": (often(["1", "2", "many"]), "Multiclass", "Ordinal", "text, 3"),
    "month texts": (
        often(["2020-01-01", "2020-02-01", "2020-03-01"]), "Multiclass", "Ordinal",
        "3 dates that repeat",
    ),
    "local dates": (
        often(["1/2/2020", "3/4/2020", "5/6/2020"]), "Multiclass", None, "3 dates",
    ),
    # words in order
    "levels": (often(["high", "Low", "medium"]), "Ordinal", "Multiclass", "Low < med"),
    "sizes": (often(["XL", "S", "M", "L"]), "Ordinal", "Multiclass", "S < M < L < XL"),
    "frequency": (
        often(["never", "often", "sometimes", "always", "rarely"]), "Ordinal",
        "Multiclass", "never < rarely < sometimes < often < always",
    ),
    "agreement": (
        often(["agree", "strongly agree", "disagree", "neutral"]), "Ordinal",
        "Multiclass", "disagree < neutral < agree < strongly agree",
    ),
    "quality": (
        often(["very good", "good", "poor", "excellent", "fair"]), "Ordinal",
        "Multiclass", "poor < fair < good < very good < excellent",
    ),
    "grades": (often(["A-", "B+", "C"]), "Ordinal", "Multiclass", "C < B+ < A-"),
    "school": (often(list("ABCDF")), "Ordinal", "Multiclass", "F < D < C < B < A"),
    "Chinese levels": (often(["高", "低", "中"]), "Ordinal", "Multiclass", "低 < 中"),
    "Chinese marks": (
        often(["良好", "优秀", "不及格", "及格"]), "Ordinal", "Multiclass",
        "不及格 < 及格 < 良好 < 优秀",
    ),
    # ratings
    "stars": (often([1, 2, 3, 4, 5]), "Ordinal", "Multiclass", "integers 1..5, 5 dist"),
    "0..10": (hump(0, 10), "Ordinal", "Multiclass", "bounded like a rating"),
    "wine": (hump(3, 9), "Ordinal", "Regression", "integers 3..9"),
    "Likert": (hump(-2, 2), "Ordinal", "Multiclass", "symmetric about 0"),
    "Likert 7": (hump(-3, 3), "Ordinal", "Multiclass", "integers -3..3"),
    "sign": (often([-1, 0, 1]), "Ordinal", "Multiclass", "symmetric"),
    "children": (
        shares(range(7), [40, 25, 20, 8, 4, 2, 1]), "Ordinal", "Multiclass", "0..6",
    ),
    "text stars": (often(["1", "2", "3", "4", "5"]), "Ordinal", "Multiclass", "1..5"),
    "float stars": (
        often([1.0, 2.0, 3.0, None]), "Ordinal", "Multiclass", "150 of 600 cells miss",
    ),
    "two spellings": (
        often(["1", "1.0", "2", "3"]), "Ordinal", "Multiclass", "3 distinct values",
    ),
    "even classes": (
        list(range(10)) * 60, "Ordinal", "Multiclass", "equally frequent",
    ),
    # codes
    "10 20 30": ([10, 20, 30, 10, 20, 30, 10], "Multiclass", "Ordinal", "with gaps"),
    "status": (often([200, 301, 404, 500]), "Multiclass", "Ordinal", "200..500"),
    "survey": (
        shares([1, 2, 3, 8, 9], [50, 30, 10, 6, 4]), "Multiclass", "Ordinal", "gaps",
    ),
    "class ids": (
        often(list(range(1, 27)), 2600), "Multiclass", "Ordinal", "size says nothing",
    ),
    "sparse ids": (
        shares([3, 17, 22, 48, 51, 60, 77, 80, 99], [9, 1, 7, 2, 8, 1, 6, 3, 9]),
        "Multiclass", "Ordinal", "9 distinct",
    ),
    "text ids": (often(["10", "20", "30"]), "Multiclass", "Ordinal", "10..30"),
    # counts
    "rentals": (
        RNG.negative_binomial(1, 0.02, size=5000), "Count", "Regression", "right tail",
    ),
    "visits": (
        shares(
            [*range(20), 22, 25, 31, 40], [0.8**k for k in [*range(20), 22, 25, 31, 40]]
        ),
        "Count", "Regression", "integers 0..40, 24 distinct",
    ),
    "events": (RNG.poisson(2.0, size=(20000,)) + RNG.poisson(2.0, size=20000), "Count",
               "Regression", "small values"),
    "independent events": (
        RNG.poisson(6.0, size=5000), "Count", "Regression", "variance near the mean",
    ),
    "text counts": (
        [str(v) for v in RNG.negative_binomial(1, 0.05, size=3000)], "Count",
        "Regression", "right tail",
    ),
    # quantities
    "prices": (
        (RNG.lognormal(6, 1, size=N) + 50).astype(int), "Regression", None, "quantity",
    ),
    "round prices": (
        (RNG.lognormal(5, 0.6, size=N).round(-1) + 10).astype(int), "Regression", None,
        "",
    ),
    "years": (often(range(1990, 2021)), "Regression", "Ordinal", "integers 1990..2020"),
    "ages": (hump(18, 90, 3000), "Regression", None, "18..90"),
    "flat ages": (
        RNG.integers(18, 66, size=2000), "Regression", "Ordinal", "18..65",
    ),
    "few ages": (hump(18, 40), "Regression", "Ordinal", "a quantity"),
    "marks": (hump(0, 40, 3000), "Regression", "Count", "0..40"),
    "temperature": (hump(-15, 35, 3000), "Regression", None, "-15..35"),
    "population": (
        (10 ** RNG.uniform(3, 9, size=N)).astype(int), "Regression", None, "quantity",
    ),
    "floats": (RNG.normal(size=N), "Regression", None, "600 distinct values"),
    "shares": (RNG.uniform(size=N), "Regression", None, "inside [0, 1]"),
    "magnitudes": (10 ** RNG.uniform(-3, 3, size=N), "Regression", None, "orders of"),
    "half stars": (often(np.arange(1, 5.5, 0.5)), "Regression", "Ordinal", "steps"),
    "text floats": (
        [f"{v:.3f}" for v in RNG.normal(size=N)], "Regression", None, "numbers -",
    ),
    "huge": ([1e100, 2e100, 1e18, -5.0], "Regression", None, "numbers -5..2e+100"),
    "tiny": ([1e-100, 2e-100, 3e-100], "Regression", None, "numbers 1e-100..3e-100"),
    # sets
    "pipes": (sets("red blue green", "|"), "MultiLabel", "Multiclass", "by '|'"),
    "semicolons": (sets("a b c d", "; "), "MultiLabel", "Multiclass", "by ';'"),
    "commas": (sets("rock pop jazz folk", ", "), "MultiLabel", "Multiclass", "by ','"),
    "slashes": (sets("rock pop jazz", "/"), "MultiLabel", "Multiclass", "by '/'"),
    "spaces": (
        sets("sun sea sand city fog", " ", most=4), "MultiLabel", "Multiclass",
        "by ' '",
    ),
    "number ids": (sets("0 3 7 12 27", ","), "MultiLabel", "Multiclass", "5 labels"),
    "Chinese sets": (sets("体育 财经 科技", "|"), "MultiLabel", "Multiclass", "3 lab"),
    "Chinese commas": (sets("体育 财经 科技", "、"), "MultiLabel", "Multiclass", "、"),
    "emoji sets": (sets("😀 😢 😡", ","), "MultiLabel", "Multiclass", "by ','"),
    "few sets": (
        ["red|blue", "blue", "red|green", "green"], "MultiLabel", None, "4 different",
    ),
    "genres with spaces": (
        ["science fiction, drama", "drama", "science fiction", "film noir, drama",
         "film noir"] * 20, "MultiLabel", "Multiclass", "3 labels",
    ),
    "lists": ([["a"], ["a", "b"], [], ["c"]], "MultiLabel", None, "0 to 2 in a row"),
    "python sets": ([{1, 2}, {2}, {3, 1}], "MultiLabel", None, "3 different sets"),
    "id lists": ([[0, 1], [1], [0]], "MultiLabel", None, "3 different sets of 2"),
    "nested matrix": (
        [[1, 0, 1], [0, 0, 1], [1, 1, 0]], "MultiLabel", None, "3 columns of 0 and 1",
    ),
    "nested unknown": (
        [[1, None, 0], [0, 1, 1], None], "MultiLabel", None, "1 of 6 cells unknown",
    ),
    "nested bools": (
        [[True, False], [False, False]], "MultiLabel", None, "0 to 1 ones in a row",
    ),
    "nested one-hot": (
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "Multiclass", "MultiLabel", "exactly one 1",
    ),
    "nested pair": ([[1, 0], [0, 1]], "Binary", "MultiLabel", "exactly one 1"),
    "one-item lists": ([["a"], ["b"], ["c"]] * 3, "MultiLabel", None, "1 to 1"),
    # several columns
    "one-hot": (np.eye(3, dtype=int)[[0, 1, 2, 1]], "Multiclass", "MultiLabel", "one"),
    "bool one-hot": (np.eye(4, dtype=bool)[[0, 3, 2, 1, 1]], "Multiclass",
                     "MultiLabel", "4 columns of 0 and 1"),
    "one-hot pair": (np.eye(2)[[0, 1, 1]], "Binary", "MultiLabel", "exactly one 1"),
    "indicator": (
        np.array([[1, 1, 0], [0, 0, 0], [1, 0, 0]]), "MultiLabel", None, "0 to 2 ones",
    ),
    "exactly two": (
        np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]]), "MultiLabel", None,
        "2 ones in each row",
    ),
    "unknown cells": (
        np.array([[1, np.nan, 0], [0, 1, 0], [1, 0, 0]]), "MultiLabel", None,
        "1 of 9 cells unknown",
    ),
    "text flags": (
        {"a": ["0", "1", "1"], "b": ["1", "1", "0"]}, "MultiLabel", None, "1 to 2 ones",
    ),
    "worded flags": (
        {"a": ["Yes", "No", None], "b": ["Yes", "Yes", "No"]}, "MultiLabel", None,
        "2 columns of 'No' and 'Yes'",
    ),
    "two numbers": (
        {"Y1": [1.5, 2.5, 3.0], "Y2": [7, 8, 1]}, "Regression", None, "2 columns of",
    ),
    "flag and number": (
        {"a": [0, 1, 0], "b": [3.5, 1.0, 2.0]}, "Regression", None, "0..3.5",
    ),
    "class shares": (
        np.array([[0.2, 0.3, 0.5], [0.1, 0.9, 0.0], [0.4, 0.4, 0.2]]), "Regression",
        "Multiclass", "sums to 1",
    ),
}  # fmt: skip


def _check(reading: Reading, task: str, second: str | None, words: str) -> None:
    assert type(reading.task).__name__ == task, str(reading)
    named = type(reading.runner_up).__name__ if reading.runner_up else None
    assert named == second, str(reading)
    assert words in reading.reason
    assert reading.reason.endswith(f": {task}")
    assert 0 < reading.confidence < 1
    assert "\n" not in str(reading)
    # The reason is about the data; what this version lacks stands apart.
    assert "available" not in reading.reason
    assert ("available" in str(reading)) == bool(reading.unavailable)


@pytest.mark.parametrize("case", CASES)
def test_made_columns(case: str) -> None:
    values, task, second, words = CASES[case]
    reading = infer_task(values)
    _check(reading, task, second, words)
    assert reading.task.bias is not None  # it has learnt from the values
    assert from_json(reading.task.to_json()) == reading.task
    for found in filter(None, (reading.task, reading.runner_up)):
        rows = found.known(values)
        assert len(found.encode(_take(values, rows))) == rows.sum()


def _take(values: Any, rows: np.ndarray) -> Any:
    if isinstance(values, dict):
        return {n: [v for v, r in zip(c, rows, strict=True) if r] for n, c in
                values.items()}  # fmt: skip
    return [v for v, r in zip(values, rows, strict=True) if r] if isinstance(
        values, list) else values[rows]  # fmt: skip


REFUSED: dict[str, tuple[Any, str]] = {
    "empty": ([], "no rows"),
    "all missing": ([None, None], "'price' has no value: all 2 cells are missing"),
    "all NaN": ([float("nan")] * 3, "all 3 cells"),
    "constant": (["a"] * 5, "'price' holds one distinct value, 'a', in all 5 rows"),
    "constant number": ([7, 7, None], "one distinct value, 7, in all 2 rows (1 of 3"),
    "constant flag": ([True, True], "one distinct value, True"),
    "constant list": ([["a"], ["a"]], "one distinct value"),
    "one row": ([1], "one distinct value"),
    "keys": (list(range(100, 200)), "100 whole numbers that are all different and inc"),
    "shuffled keys": (RNG.permutation(100), "0..99 shuffled"),
    "uneven keys": ((np.arange(50) ** 2).tolist(), "identifier"),
    "float keys": (np.arange(50.0), "identifier"),
    "names": ([f"user{i}" for i in range(60)], "nearly every value distinct (60 diff"),
    "few names": ([f"user{i}" for i in range(12)], "12 different in 12 rows"),
    "unique people": (
        [f"{RNG.choice(list('ABCDEFGH'))}ith, {i}nn" for i in range(99)], "free text",
    ),
    "sentences": (
        [" ".join(RNG.choice(["the", "cat", "sat", "on", "a", "mat", "by"], 6))
         for _ in range(200)], "free text",
    ),
    "dates": (pd.date_range("2020-01-01", periods=90).to_series(), "holds dates, as"),
    "text dates": ([f"2020-{m:02}-{d:02}" for m in range(1, 13) for d in range(1, 29)],
                   "no task predicts a point in time"),
    "Chinese dates": ([f"2020年{m}月3日" for m in range(1, 13)], "holds dates"),
    "decimal commas": (often(["3,50", "12,99", "8,25", "3,99"]), "numbers with commas"),
    "thousands": (often(["1,200", "950", "13,400", "870"]), "numbers with commas"),
    "infinite": ([1.0, 2.5, float("inf")], "inf in data row 3"),
    "too huge": ([1e200, 2e200, 1e18], "'price' goes from 1e+18 to 2e+200"),
    "too tiny": ([1e-300, 2e-300, 3e-300], "'price' goes from 1e-300 to 3e-300"),
    "mixed": ({"a": [1, 2, 3], "b": ["x", "y", "z"]}, "number: 'a'; text: 'b'"),
    "two texts": ({"a": ["x", "y"], "b": ["u", "v"]}, "Mixed, which is not available"),
    "empty column": ({"a": [1, 0], "b": [None, None]}, "'b' has no value"),
    "constant columns": ({"a": [1, 1], "b": [0, 0]}, "one distinct value each"),
    "no whole row": (
        {"a": [1.5, 1, None, None], "b": [None, None, 2.5, 3]},
        "No row has all 2 targets",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    values, words = REFUSED[case]
    with pytest.raises(TargetError) as caught:
        infer_task(values, name="price")
    assert words in caught.value.message
    assert caught.value.fix


def test_names_the_column() -> None:
    with pytest.raises(TargetError, match="'cost' has no value"):
        infer_task(pd.Series([None, None], name="cost"))
    with pytest.raises(TargetError, match="'target' has no value"):
        infer_task([None, None])


def test_one_line() -> None:
    reading = infer_task(CASES["wine"][0])
    assert str(reading) == (
        "integers 3..9, 7 distinct values without gaps, bounded like a rating inside "
        "0..10: Ordinal; second reading: Regression; choose with --task"
    )


@pytest.mark.parametrize(
    ("case", "unavailable"),
    [
        ("0.0/1.0", "Proportion"),
        ("shares", "Proportion"),
        ("floats", "Quantile"),
        ("two numbers", "Quantile"),
        ("magnitudes", "Positive"),
        ("population", "Positive"),
        ("exactly two", "ExactlyK"),
        ("indicator", "LabelSequence"),
        ("lists", "LabelSequence"),
        ("pipes", "LabelSequence"),
        ("wine", ""),
        ("animals", ""),
    ],
)
def test_readings_without_a_task_are_named_apart(case: str, unavailable: str) -> None:
    assert infer_task(CASES[case][0]).unavailable == unavailable


def test_what_is_not_available_ends_the_line() -> None:
    assert str(infer_task([2.5, 0.5, 7.25, 1.5])) == (
        "numbers 0.5..7.25, 4 distinct values: Regression; Quantile is not available "
        "in this version"
    )


def test_containers_read_alike() -> None:
    stars = CASES["stars"][0]
    frames = (
        stars,
        tuple(stars),
        np.array(stars),
        np.array(stars, dtype=np.uint8)[:, None],
        pd.Series(stars, dtype="Int64"),
        pd.DataFrame({"y": stars}),
        pl.Series(stars),
        pa.array(stars),
    )
    readings = [infer_task(frame) for frame in frames]
    assert {type(r.task).__name__ for r in readings} == {"Ordinal"}
    assert len({r.task for r in readings}) == 1


def test_row_order_does_not_matter() -> None:
    for case in ("rentals", "class ids", "few ages", "pipes", "animals"):
        values = list(CASES[case][0])
        shuffled = [values[i] for i in RNG.permutation(len(values))]
        assert infer_task(shuffled).reason == infer_task(values).reason


@pytest.mark.parametrize(
    "values",
    [
        [1.0, 0.0, 1.0],
        [1.5, 0.5, 0.5],
        [1.0, 2.0, None, 3.0] * 9,
        [10.0, 20.0, 45.0, 10.0] * 9,
        [True, False],
        [1, 2, 3] * 9,
        ["10", "20", "45"] * 9,
        ["1", "0"],
    ],
)
def test_labels_come_back_with_the_type_of_the_column(values: list[Any]) -> None:
    task = infer_task(values).task
    known = [v for v in values if v is not None]
    back = from_json(json.loads(json.dumps(task.to_json()))).decode(task.encode(known))
    assert back == known
    assert {type(v) for v in back} == {type(v) for v in known}


def test_classes_keep_the_users_spelling() -> None:
    stars = infer_task(["10", "9", "8", "10", "9", "8"])
    assert stars.task.classes == ("8", "9", "10")  # type: ignore[attr-defined]
    assert infer_task(often([1.0, 2.0, None, 3.0])).task.classes == (1, 2, 3)  # type: ignore[attr-defined]
    flags = infer_task({"a": ["是", "否", "否"], "b": ["是", "是", "否"]}).task
    rows = [["是", "是"], ["否", "是"]]
    assert flags.decode(flags.encode(np.array(rows, dtype=object))) == rows
