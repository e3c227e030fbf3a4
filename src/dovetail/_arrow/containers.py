"""What a table or column is held in: NumPy, torch, a data frame, a list.

Data frames are seen through narwhals, which imports neither pandas nor Polars by
itself, and torch is looked up, not imported: who holds a tensor has imported it.
Anything else may hand itself over by a protocol of Arrow's or NumPy's, as pandas'
extension arrays do.
"""

import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from dovetail.errors import DataError

ACCEPTED = (
    "a pandas or Polars data frame, a pyarrow Table or RecordBatch, a dict of columns, "
    "a list of dicts or of lists, or a NumPy array or torch tensor with two axes"
)


def narwhal(data: Any) -> Any:
    """``data`` under narwhals' interface, or None where narwhals does not know it."""
    if isinstance(data, (nw.DataFrame, nw.LazyFrame, nw.Series)):
        return data
    try:
        return nw.from_native(data, allow_series=True)
    except nw.exceptions.DuplicateError:
        twice = [str(n) for n, k in Counter(data.columns).items() if k > 1]
        raise DataError(
            f"Column names appear more than once: {quoted(twice)}.",
            fix="rename or drop the repeated columns",
        ) from None
    except TypeError:
        return None


def ndarray(data: Any) -> np.ndarray[Any, Any] | None:
    """NumPy arrays and torch tensors as NumPy; None for everything else."""
    torch = sys.modules.get("torch")  # never imported here: who holds a tensor has it
    if torch is not None and isinstance(data, torch.Tensor):
        if data.layout != torch.strided:
            raise DataError(
                f"Got a sparse torch tensor ({data.layout}).", fix="call .to_dense()"
            )
        data = data.detach().cpu().resolve_conj().resolve_neg()
        data = data.float() if data.dtype == torch.bfloat16 else data
        return np.asarray(data.numpy())
    if isinstance(data, np.ndarray):
        return data
    if type(data).__module__.startswith("scipy.sparse"):
        raise DataError(
            f"Sparse data not supported: got a {type(data).__name__} of {data.shape}.",
            fix=f"call .toarray(), or give {ACCEPTED}",
        )
    return None


def handed_over(data: Any) -> Any:
    """What ``data`` gives of itself by a protocol; known containers stay as they are.

    protocol                              gives
    __arrow_c_stream__                    a table, or a column in chunks
    __arrow_array__, __arrow_c_array__    a table where it holds structs, else a column
    __array__                             a NumPy array

    Asked for once, since a stream can be read only once.
    """
    if isinstance(data, (type, pa.Table, pa.RecordBatch, pa.Array, pa.ChunkedArray)):
        return data
    if ndarray(data) is not None or narwhal(data) is not None:
        return data
    try:
        if hasattr(data, "__arrow_c_stream__"):
            return _table_if_struct(pa.chunked_array(data))
        if hasattr(data, "__arrow_array__") or hasattr(data, "__arrow_c_array__"):
            return _table_if_struct(pa.array(data))
    except (pa.ArrowException, TypeError, ValueError):
        pass  # cells of a type that Arrow has no word for: NumPy may have one
    return np.asarray(data) if hasattr(data, "__array__") else data


def _table_if_struct(cells: pa.Array | pa.ChunkedArray) -> Any:
    return (
        pa.Table.from_struct_array(cells) if pa.types.is_struct(cells.type) else cells
    )


def is_list(value: Any, *, sets: bool = False) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 1
    return isinstance(value, (list, tuple, range)) or (
        sets and isinstance(value, (set, frozenset))
    )


def described(data: Any) -> str:
    if isinstance(data, list) and not data:
        return "an empty list"
    shape = getattr(data, "shape", None)
    kind = f"{type(data).__module__}.{type(data).__qualname__}"
    kind = kind.removeprefix("builtins.")
    return f"{kind} of shape {tuple(shape)}" if isinstance(shape, tuple) else kind


def quoted(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
