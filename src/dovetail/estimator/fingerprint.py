"""Hashes of tables and modules: are these the same as before?

Equal cells give equal hashes, however a table is cut into chunks and whatever bytes
stand below its missing cells.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from torch import nn
from torch.nn.parameter import is_lazy

LENGTH = 32  # hexadecimal digits that are kept: 128 bits


def of_column(column: pa.ChunkedArray) -> str:
    """The hash of a column's type, missing cells and values.

    >>> cells = pa.chunked_array([["a", None], ["b"]])
    >>> of_column(cells) == of_column(pa.chunked_array([["a", None, "b"]]))
    True
    """
    kind = column.type
    if pa.types.is_string(kind):  # whose ends are 32 bits wide, too few for all chunks
        column = column.cast(pa.large_string())
    cells = column.combine_chunks()
    if isinstance(cells, pa.ChunkedArray):
        cells = pa.concat_arrays(cells.chunks) if cells.chunks else pa.nulls(0)
    return _hash([str(kind).encode(), *_pieces(cells)])


def of_module(module: nn.Module) -> str:
    """The hash of a module's weights and buffers; those not made yet count as none."""
    tensors = [
        (name, value.detach().cpu().contiguous().reshape(-1))
        for name, value in module.state_dict().items()
        if not is_lazy(value)
    ]
    names = [name.encode() for name, _ in tensors]
    return _hash([*names, *(value.view(torch.uint8).numpy() for _, value in tensors)])


def _pieces(cells: pa.Array) -> Iterator[Any]:
    """What to hash of these cells, as bytes, buffers and arrays."""
    missing = cells.is_null().to_numpy(zero_copy_only=False)
    yield str(len(cells)).encode()
    yield np.packbits(missing)
    kind = cells.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield pc.fill_null(pc.list_value_length(cells), 0).to_numpy()
        yield from _pieces(cells.flatten())
    elif pa.types.is_large_string(kind) or pa.types.is_string(kind):
        text = cells.cast(pa.large_string()).drop_null()
        if len(text):
            _, ends, letters = text.buffers()
            bounds = np.frombuffer(ends, np.int64)[text.offset :][: len(text) + 1]
            yield bounds - bounds[0]
            yield letters[bounds[0] : bounds[-1]] if letters is not None else b""
    elif pa.types.is_boolean(kind):
        yield np.packbits(cells.fill_null(False).to_numpy(zero_copy_only=False))
    elif pa.types.is_null(kind):
        return
    elif kind.bit_width == 64:
        yield cells.view(pa.int64()).fill_null(0).to_numpy()
    else:
        yield repr(cells.to_pylist()).encode()


def _hash(pieces: Iterable[Any]) -> str:
    sha = hashlib.sha256()
    for piece in pieces:
        whole: Any = piece
        if isinstance(piece, np.ndarray):
            whole = np.ascontiguousarray(piece)
        sha.update(whole)
    return sha.hexdigest()[:LENGTH]
