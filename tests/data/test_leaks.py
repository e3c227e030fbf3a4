from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.io import arff

from dovetail.data import find_leaks, repeated_rows

SHARED = Path(__file__).parents[3] / "shared" / "data"
RNG = np.random.Generator(np.random.PCG64(0))
N = 400
A, B = RNG.normal(size=N), RNG.gamma(1.0, size=N)
COUNT = RNG.integers(0, 30, N)
COLOUR = RNG.choice(["red", "green", "blue"], N)
RED = COLOUR == "red"


def leaks(target, **columns):
    table = pa.table({"y": target, **columns})
    return find_leaks(table, ["y"], list(columns))


def holes(values):
    return [
        None if i % 5 == 0 else v for i, v in enumerate(np.asarray(values).tolist())
    ]


FOUND = {
    "equal": (A, A, "equals the target"),
    "equal but for rounding": (A, A * (1 + 1e-15), "equals the target"),
    "equal where present": (A, holes(A), "equals the target"),
    "equal in another type": (COUNT, COUNT.astype(float), "equals the target"),
    "other unit": (A, A * 1.8 + 32, "in another unit"),
    "negative": (COUNT, -COUNT, "in another unit"),
    "far from zero": (A, 1e6 + A, "in another unit"),
    "increasing": (B, np.log(B), "orders the rows"),
    "decreasing": (B, 1 / B, "orders the rows"),
    "equal text": (COLOUR, COLOUR, "equals the target"),
    "translated": (
        COLOUR,
        np.select([COLOUR == "red", COLOUR == "green"], ["红", "绿"], "蓝"),
        "under other names",
    ),
    "text for numbers": (COUNT % 3, [f"k{c % 3}" for c in COUNT], "under other names"),
    "finer classes": (COUNT % 3, [f"k{c % 6}" for c in COUNT], "has 6 values"),
    "finer numbers": (RED, COUNT % 9 * 2 + RED, "values, each"),
    "truth as number": (RED, RED * 1.0, "equals the target"),
}


@pytest.mark.parametrize("case", FOUND)
def test_a_column_that_determines_the_target(case):
    target, column, message = FOUND[case]
    found = leaks(target, x=column, other=RNG.normal(size=N))
    assert [leak.columns for leak in found] == [("x",)]
    assert message in found[0].message
    assert found[0].target == "y"


@pytest.mark.parametrize(
    ("target", "formula"),
    [
        (A + B, "'a' + 'b'"),
        (A - B, "'a' - 'b'"),
        (B - A, "'b' - 'a'"),
        (np.where(COUNT == 0, np.nan, A + B), "'a' + 'b'"),
    ],
)
def test_sums_and_differences(target, formula):
    others = {f"z{i}": RNG.normal(size=N) for i in range(20)}
    (found,) = leaks(pa.array(target, from_pandas=True), a=A, b=holes(B), **others)
    assert found.message.startswith(formula)
    assert set(found.columns) == {"a", "b"}


def test_one_row_that_disagrees_is_enough():
    off = A.copy()
    off[77] += 0.5
    assert leaks(A, x=off) == ()
    assert leaks(off, a=A - B, b=B) == ()
    assert (
        len(find_leaks(pa.table({"y": A, "x": off}), ["y"], ["x"], np.arange(70))) == 1
    )


@pytest.mark.parametrize(
    ("target", "column"),
    [
        (A, B),
        (A, A + 1e-3 * B),
        (COLOUR, [f"code {i}" for i in range(N)]),  # every value once says nothing
        (A, [f"code {i}" for i in range(N)]),
        (RED, A),
        (RED[np.arange(N) // 4], np.arange(N) // 4),  # people, each with one answer
        (COLOUR, RNG.permutation(COLOUR)),
        (np.arange(N) == 3, np.arange(N) == 3),  # one of 400: chance does as well
        (np.ones(N), np.ones(N)),
        ([None] * N, [None] * N),
        (A, [*A[:100].tolist(), *[None] * 300]),
        (COLOUR, [[1]] * N),
    ],
)
def test_no_false_alarm(target, column):
    assert leaks(pa.array(target), x=pa.array(column)) == ()


def test_few_rows_prove_little():
    assert leaks([1, 2, 3, 4], x=[1, 2, 3, 4]) == ()
    assert leaks(["a", "b"] * 3, x=[1, 2] * 3) == ()


def test_every_target_column_is_looked_at_and_none_is_a_feature():
    table = pa.table({"y1": A, "y2": A + B, "x": A})
    found = find_leaks(table, ["y1", "y2"], ["x", "y1", "y2"])
    assert [(leak.columns, leak.target) for leak in found] == [(("x",), "y1")]


def frame_of(path, **options):
    if not (SHARED / path).exists():
        pytest.skip(f"shared data set {path} is not here")
    if not path.endswith(".arff"):
        return pd.read_csv(SHARED / path, **options).rename(columns=str)
    frame = pd.DataFrame(arff.loadarff(SHARED / path)[0])
    nominal = frame.select_dtypes(exclude="number").columns
    return frame.assign(
        **{c: frame[c].str.decode("utf-8").astype(int) for c in nominal}
    )


REAL = {  # file: target columns (a number: the last so many), rows that repeat, leaks
    "adult/adult.data": (["14"], 24, [], {"header": None, "skipinitialspace": True}),
    "california_housing/housing.csv": (["median_house_value"], 0, [], {}),
    "wine_quality/winequality-red.csv": (["quality"], 240, [], {"sep": ";"}),
    "wine_quality/winequality-white.csv": (["quality"], 937, [], {"sep": ";"}),
    "letter/letter-recognition.data": (["0"], 1332, [], {"header": None}),
    "bike_sharing/hour.csv": (["cnt"], 0, [("casual", "registered")], {}),
    "bike_sharing/day.csv": (["cnt"], 0, [("casual", "registered")], {}),
    "kddcup99/kddcup.data_10_percent.gz": (["41"], 348_435, [], {"header": None}),
    "yeast/yeast-train.arff": (14, None, [], {}),
    "emotions/emotions-train.arff": (6, None, [], {}),
    "scene/scene-train.arff": (6, None, [], {}),
    "multitarget/enb.arff": (2, 0, [], {}),
    "multitarget/wq.arff": (14, None, [], {}),
}


@pytest.mark.parametrize("path", REAL)
def test_real_data(path):
    target, repeats, expected, options = REAL[path]
    frame = frame_of(path, **options)
    names = list(frame.columns)
    target = names[-target:] if isinstance(target, int) else target
    table = pa.Table.from_pandas(frame, preserve_index=False)
    found = find_leaks(table, target, names)
    assert [leak.columns for leak in found] == expected
    if repeats is not None:
        assert repeated_rows(table, names) == repeats == frame.duplicated().sum()


def test_rows_repeat_in_the_columns_asked_for():
    table = pa.table({"a": [1, 1, None, None, 1], "b": ["x", "y", "z", "z", "x"]})
    assert repeated_rows(table, ["a", "b"]) == 2
    assert repeated_rows(table, ["a"]) == 3
    assert repeated_rows(table.slice(0, 0), ["a"]) == 0
    nested = pa.table({"a": [[1], [2], [1], None, None]})
    assert repeated_rows(nested, ["a"]) == 2
    coded = pa.table({"a": pa.array(["u", "v", "u"]).dictionary_encode()})
    assert repeated_rows(coded, ["a"]) == 1
