"""What a table or column is held in: NumPy, torch, a data frame, a list.

Data frames are seen through narwhals, which imports neither pandas nor Polars by
itself, and torch is looked up, not imported: who holds a tensor has imported it.
"""

import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any

import narwhals as nw
import numpy as np

from dovetail.errors import DataError

ACCEPTED = (
    "a pandas or Polars data frame, a pyarrow Table or RecordBatch, a dict of columns, "
    "a list of dicts, or a NumPy array or torch tensor with two axes"
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
