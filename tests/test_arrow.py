"""Any container, one table: the same data gives the same ``pyarrow.Table``."""

import datetime
import decimal
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse
import torch
from hypothesis import given
from hypothesis import strategies as st

from dovetail import _arrow
from dovetail.errors import DataError, TargetError

DAY = datetime.datetime(2011, 1, 1, 13)
CELLS = {
    "whole": [1, 2, -3],
    "half": [0.5, None, float("inf")],
    "word": ["a", None, "数"],
    "flag": [True, False, None],
    "when": [DAY, None, DAY],
}
PLAIN = pa.table(
    {
        "whole": pa.array(CELLS["whole"], pa.int64()),
        "half": pa.array(CELLS["half"], pa.float64()),
        "word": pa.array(CELLS["word"], pa.string()),
        "flag": pa.array(CELLS["flag"], pa.bool_()),
        "when": pa.array(CELLS["when"], pa.timestamp("us")),
    }
)
ROWS = [dict(zip(CELLS, row, strict=True)) for row in zip(*CELLS.values(), strict=True)]


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame(CELLS, index=["p", "q", "r"]),
        pd.DataFrame(CELLS).astype({"whole": "Int64", "flag": "boolean"}),
        pd.DataFrame(CELLS).astype({"word": "category", "whole": "int8"}),
        pd.DataFrame(CELLS).astype({"word": object}),
        pl.DataFrame(CELLS),
        pl.DataFrame(CELLS).lazy(),
        pl.DataFrame(CELLS).with_columns(
            pl.col("word").cast(pl.Categorical), pl.col("whole").cast(pl.Int16)
        ),
        PLAIN,
        PLAIN.to_batches()[0],
        CELLS,
        ROWS,
        {k: np.array(v, dtype=object) for k, v in CELLS.items()},
        {k: pd.Series(v, dtype=object) for k, v in CELLS.items()},
        {k: pl.Series(v) for k, v in CELLS.items()},
    ],
    ids=lambda data: type(data).__name__,
)
def test_every_container_gives_the_same_table(data) -> None:
    table = _arrow.table(data)
    assert table.schema == PLAIN.schema
    assert table.equals(PLAIN)
    assert table.schema.metadata is None


@pytest.mark.parametrize(
    "matrix",
    [
        np.array([[1.0, np.nan], [3.0, 4.0]]),
        np.array([[1.0, np.nan], [3.0, 4.0]], dtype=np.float16),
        np.array([[1.0, np.nan], [3.0, 4.0]], dtype=">f4"),
        np.array([[1.0, np.nan], [3.0, 4.0]], order="F"),
        np.ma.array([[1.0, 9.0], [3.0, 4.0]], mask=[[0, 1], [0, 0]]),
        np.array([[1.0, None], [3.0, 4.0]], dtype=object),
        torch.tensor([[1.0, float("nan")], [3.0, 4.0]]),
        torch.tensor([[1.0, float("nan")], [3.0, 4.0]], dtype=torch.bfloat16),
        torch.tensor([[1.0, float("nan")], [3.0, 4.0]], requires_grad=True),
    ],
)
def test_matrices_have_named_columns_and_nan_is_missing(matrix) -> None:
    wanted = {"x0": [1.0, 3.0], "x1": [None, 4.0]}
    assert _arrow.table(matrix).to_pydict() == wanted


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (pa.array([2**63], pa.uint64()), pa.array([float(2**63)])),
        (pa.array([7], pa.uint64()), pa.array([7])),
        (pa.array([1.5], pa.float16()), pa.array([1.5])),
        (pa.array([decimal.Decimal("1.10")]), pa.array([1.1])),
        (pa.array(["a"], pa.large_string()), pa.array(["a"])),
        (pa.array(["a"], pa.string_view()), pa.array(["a"])),
        (pa.array(["a", None, "a"]).dictionary_encode(), pa.array(["a", None, "a"])),
        (pa.array([5, 5]).dictionary_encode(), pa.array([5, 5])),
        (pa.array([b"\xe6\x95\xb0"]), pa.array(["数"])),
        (pa.array([b"ab"], pa.binary(2)), pa.array(["ab"])),
        (pa.nulls(2), pa.nulls(2, pa.string())),
        (pa.array([1999], pa.timestamp("ns")), pa.array([1], pa.timestamp("us"))),
        (pa.array([1], pa.timestamp("s", "Asia/Tokyo")), None),
        (pa.array([datetime.date(1970, 1, 2)]), pa.array([86400e6], "timestamp[us]")),
        (pa.array([[1]], pa.large_list(pa.int8())), pa.array([[1]])),
        (pa.array([["a"]], pa.list_view(pa.large_string())), pa.array([["a"]])),
        (pa.array([[1, 2]], pa.list_(pa.int8(), 2)), pa.array([[1, 2]])),
        (pa.array([[None]]), pa.array([[None]], pa.list_(pa.string()))),
    ],
    ids=lambda a: str(getattr(a, "type", None)),
)
def test_types_become_plain(cells, wanted) -> None:
    if wanted is None:  # an instant, in UTC
        wanted = pa.array([1_000_000], pa.timestamp("us"))
    got = _arrow.columns(cells)["target"]
    assert got.type == wanted.type
    assert got.to_pylist() == wanted.to_pylist()


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([1, "XL", None, 2.5], ["1", "XL", None, "2.5"]),
        ([True, 1, None], ["True", "1", None]),
        ([1, 2.5, True], ["1", "2.5", "True"]),
        ([2**70, 1], [float(2**70), 1.0]),
        ([1, 2**60, 2.5], [1.0, float(2**60), 2.5]),
        ([1, float("nan")], [1.0, None]),
        ([decimal.Decimal("0.5"), 1], [0.5, 1.0]),
        ([DAY.date(), "x"], ["2011-01-01", "x"]),
        ([np.float32(0.5), None], [0.5, None]),
        ([pd.NA, "a"], [None, "a"]),
        ([pd.NaT, "a", 1], [None, "a", "1"]),
    ],
)
def test_mixed_cells(values, wanted) -> None:
    assert _arrow.columns(values)["target"].to_pylist() == wanted
    series = pd.Series(values, dtype=object)
    assert _arrow.columns(series)["target"].to_pylist() == wanted


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([["b", "a"], []], [["b", "a"], []]),
        ([("b", "a"), None], [["b", "a"], None]),
        ([{"b", "a"}, {"c"}], [["a", "b"], ["c"]]),
        ([frozenset({3, 1}), set()], [[1, 3], []]),
        ([["a", 1]], [["a", "1"]]),
        ([{"a", 1}], [["1", "a"]]),
        ([[1, 2.5], [None]], [[1.0, 2.5], [None]]),
        ([np.array([1, 2])], [[1, 2]]),
    ],
)
def test_lists_of_labels(values, wanted) -> None:
    for given_ in (values, pd.Series(values), np.array([*values, None], object)[:-1]):
        got = _arrow.columns(given_)["target"]
        assert pa.types.is_list(got.type)
        assert got.to_pylist() == wanted


@pytest.mark.parametrize(
    ("values", "names", "wanted"),
    [
        ([1, 2], None, ["target"]),
        ([1, 2], "price", ["price"]),
        (np.zeros(2), None, ["target"]),
        (np.zeros((2, 1)), None, ["target"]),
        (np.zeros((2, 3)), None, ["target0", "target1", "target2"]),
        (np.zeros((2, 2)), ["low", "high"], ["low", "high"]),
        (torch.zeros(2, dtype=torch.int32), None, ["target"]),
        (pd.Series([1], name="kind"), None, ["kind"]),
        (pd.Series([1], name=0), None, ["0"]),
        (pd.Series([1]), None, ["target"]),
        (pd.Series([1], name="kind"), "sort", ["sort"]),
        (pl.Series("kind", [1]), None, ["kind"]),
        (pl.Series([1]), None, ["target"]),
        (pd.DataFrame({"a": [1], 5: [2]}), None, ["a", "5"]),
        (pa.chunked_array([[1], [2]]), None, ["target"]),
        ({"a": [1]}, None, ["a"]),
        ([], None, ["target"]),
        (range(3), None, ["target"]),
    ],
)
def test_names_of_targets(values, names, wanted) -> None:
    assert _arrow.columns(values, names).column_names == wanted


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (5, "Got int as a table"),
        ("data.csv", "Got str as a table"),
        ([], "an empty list"),
        ([1, 2], "Got list as a table"),
        ({}, "no columns"),
        (np.zeros(3), r"shape \(3,\)"),
        (np.zeros((2, 2, 2)), r"shape \(2, 2, 2\)"),
        ({"a": [1], "b": [1, 2]}, "'a' 1, 'b' 2"),
        ({"a": 5}, "Column 'a' is int"),
        ({"a": "text"}, "Column 'a' is str"),
        ({"a": np.zeros((2, 2))}, r"'a' has shape \(2, 2\)"),
        ({1: [1], "1": [1]}, "more than once: '1'"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "more than once: 'a'"),
        (pd.DataFrame([[1, 2]], columns=["1", 1]), "more than once: '1'"),
        (pa.table([[1], [2]], names=["a", "a"]), "more than once: 'a'"),
        ({"a": [object()]}, "'a' holds object"),
        ({"a": [{"b": 1}]}, "'a' holds struct"),
        ({"a": [[1], 2]}, "lists in some rows and single values in others"),
        ({"a": [[[1]]]}, "'a' holds list<item: list"),
        ({"a": [b"\xff"]}, "'a' holds binary that does not fit"),
        ({"a": np.array([1j])}, "Complex data not supported: column 'a'"),
        (pd.DataFrame({"a": pd.to_timedelta([1])}), "'a' holds duration"),
        (pd.DataFrame({"a": pd.period_range("2011", periods=1)}), "'a' holds ext"),
        (pa.table({"a": pa.array([2**62], pa.timestamp("s"))}), "does not fit"),
        (scipy.sparse.eye_array(2).tocsr(), "Sparse data not supported"),
        (scipy.sparse.csr_matrix(np.eye(2)), "give a pandas or Polars data frame"),
        (torch.eye(2).to_sparse(), "sparse torch tensor"),
        (np.ndarray, "Got type as a table"),
    ],
)
def test_what_is_no_table_is_refused(data, message) -> None:
    with pytest.raises(DataError, match=message):
        _arrow.table(data)


@pytest.mark.parametrize(
    ("values", "names", "message"),
    [
        (5, None, "Got int as targets"),
        (np.float64(3), None, "as targets"),
        ("abc", None, "Got str as targets"),
        (np.zeros((2, 2, 2)), None, r"shape \(2, 2, 2\)"),
        (np.zeros((2, 0)), None, "no columns"),
        (np.zeros((2, 2)), "one", r"1 names were given for 2 target"),
        ([[1], 2], None, "lists in some rows"),
        (scipy.sparse.eye_array(2).tocsr(), None, "Sparse data not supported"),
    ],
)
def test_what_is_no_target_is_refused(values, names, message) -> None:
    with pytest.raises(TargetError, match=message):
        _arrow.columns(values, names)


def test_keys_that_first_appear_further_down_are_columns() -> None:
    rows = [{"a": 1}, {"a": 2, "b": "x"}]
    assert _arrow.table(rows).to_pydict() == {"a": [1, 2], "b": [None, "x"]}


def test_structured_arrays_name_their_columns() -> None:
    rows = np.array([(1, "a"), (2, "b")], dtype=[("size", "i4"), ("kind", "U1")])
    wanted = {"size": [1, 2], "kind": ["a", "b"]}
    assert _arrow.table(rows).to_pydict() == wanted


def test_polars_objects_are_read_not_their_addresses() -> None:
    frame = pl.DataFrame({"a": pl.Series([{2, 1}, {3}], dtype=pl.Object)})
    assert _arrow.table(frame)["a"].to_pylist() == [[1, 2], [3]]


class Exports:
    """What another library gives of its own: one protocol, and nothing else."""

    def __init__(self, source, protocol) -> None:
        self.source, self.protocol, self.reads = source, protocol, 0

    def __getattr__(self, name):
        if name != self.protocol:
            raise AttributeError(name)
        self.reads += 1
        return getattr(self.source, name)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (pd.Series(["b", None, "a"], dtype="str").array, ["b", None, "a"]),
        (pd.Categorical(["b", None, "a"]), ["b", None, "a"]),
        (pd.Categorical([3, 1, 3]), [3, 1, 3]),
        (pd.array([1, None, 3], dtype="Int64"), [1, None, 3]),
        (pd.array([True, None], dtype="boolean"), [True, None]),
        (pd.array([0.5, None], dtype="Float64"), [0.5, None]),
        (pd.to_datetime([DAY, None]).array, [DAY, None]),
        (pd.DatetimeIndex([DAY], tz="UTC"), [DAY]),
        (pd.arrays.SparseArray([0, 1, 0]), [0, 1, 0]),
        (pd.Index(["b", "a"]), ["b", "a"]),
        (pd.RangeIndex(2), [0, 1]),
        (Exports(pa.array(["a", None]), "__arrow_c_array__"), ["a", None]),
        (Exports(pa.chunked_array([[1], [2]]), "__arrow_c_stream__"), [1, 2]),
        (Exports(np.array([1.5, np.nan]), "__array__"), [1.5, None]),
    ],
    ids=lambda v: type(v).__name__ + getattr(v, "protocol", ""),
)
def test_columns_that_hand_themselves_over(values, wanted) -> None:
    assert _arrow.columns(values)["target"].to_pylist() == wanted
    assert _arrow.table({"a": values})["a"].to_pylist() == wanted


@pytest.mark.parametrize(
    ("data", "protocol"),
    [
        (PLAIN, "__arrow_c_stream__"),
        (PLAIN.to_reader(), "__arrow_c_stream__"),  # can be read only once
        (PLAIN.to_batches()[0], "__arrow_c_array__"),
    ],
)
def test_tables_that_hand_themselves_over(data, protocol) -> None:
    assert _arrow.table(Exports(data, protocol)).equals(PLAIN)
    if not isinstance(data, pa.RecordBatchReader):
        assert _arrow.columns(Exports(data, protocol)).equals(PLAIN)


def test_a_matrix_hands_itself_over() -> None:
    matrix = Exports(np.array([[1, 2], [3, 4]]), "__array__")
    assert _arrow.table(matrix).to_pydict() == {"x0": [1, 3], "x1": [2, 4]}
    assert _arrow.columns(matrix).column_names == ["target0", "target1"]


@pytest.mark.parametrize(
    "values", [pd.interval_range(0, 2).array, pd.period_range("2020", periods=2).array]
)
def test_extension_arrays_without_a_plain_type_are_refused_by_name(values) -> None:
    with pytest.raises(TargetError, match="'target' holds extension"):
        _arrow.columns(values)


def test_works_without_pandas_polars_and_torch() -> None:
    code = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pandas", "polars", "torch"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
from dovetail import _arrow
print(_arrow.table({'a': [1, 'x', None]}).to_pydict())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "{'a': ['1', 'x', None]}", done.stderr


SCALARS = st.none() | st.integers() | st.floats() | st.text() | st.booleans()


@given(st.lists(SCALARS, max_size=6))
def test_pandas_polars_and_lists_agree_on_any_objects(values) -> None:
    table = _arrow.columns(values)
    assert _arrow.columns(pd.Series(values, dtype=object)).equals(table)
    assert _arrow.columns(np.array([*values, None], object)[:-1]).equals(table)
    assert table.num_rows == len(values)
    missing = sum(v is None or v != v for v in values)
    assert table["target"].null_count == missing
