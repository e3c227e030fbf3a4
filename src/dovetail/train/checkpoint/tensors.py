"""Named tensors to the pieces of a safetensors file, with one copy of each number.

The file is the size of its header (8 bytes), the header (JSON: type, shape and place of
each tensor), then the numbers. The copy that protects a snapshot from further training
is made straight into those numbers, so a snapshot needs its own size of host memory
and no more, and writing it is left with nothing to do but hash and write: both release
the interpreter to the training loop.
"""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import safetensors.torch
import torch
from torch import Tensor

from dovetail._folder import Content

TYPES = {
    torch.bool: "BOOL",
    torch.uint8: "U8",
    torch.int8: "I8",
    torch.uint16: "U16",
    torch.int16: "I16",
    torch.uint32: "U32",
    torch.int32: "I32",
    torch.uint64: "U64",
    torch.int64: "I64",
    torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float32: "F32",
    torch.float64: "F64",
}
# Complex numbers, which not every version of the format knows, are pairs of real ones.
PAIRS = {torch.complex64: "F32", torch.complex128: "F64"}


@torch.no_grad()
def snapshot(tensors: Mapping[str, Tensor]) -> Content:
    """Copy tensors of any device, stride and shape, 0-d and empty ones included.

    Tensors that share storage become tensors of their own.

    Raises:
        TypeError: a tensor of a type or layout that has no place in the format.
        MemoryError: there is no room for the copy.
    """
    # Wide types first: each tensor then starts at a multiple of its own width.
    names = sorted(tensors, key=lambda name: (-tensors[name].itemsize, name))
    header, size = {}, 0
    for name in names:
        tensor = tensors[name]
        end = size + tensor.numel() * tensor.itemsize
        header[name] = {
            "dtype": _type(name, tensor),
            "shape": [*tensor.shape, *([2] if tensor.dtype in PAIRS else [])],
            "data_offsets": [size, end],
        }
        size = end
    numbers = np.empty(size, dtype=np.uint8)
    room = torch.from_numpy(numbers)
    for name in names:
        tensor = tensors[name]
        start, end = header[name]["data_offsets"]
        if start < end:
            room[start:end].view(tensor.dtype).view(tensor.shape).copy_(tensor)
    head = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    return (len(head).to_bytes(8, "little") + head, numbers.data)


def complex_names(tensors: Mapping[str, Tensor]) -> list[str]:
    """The tensors that are stored as pairs of real numbers."""
    return [name for name, tensor in tensors.items() if tensor.dtype in PAIRS]


def restored(
    data: bytes, names: Sequence[str], pairs: Sequence[str]
) -> dict[str, Tensor]:
    """The tensors of a file whose hash was checked, in the order of ``names``."""
    stored = safetensors.torch.load(data)
    if stored.keys() != set(names):
        raise ValueError("the tensors are not those that the state names")
    return {
        name: torch.view_as_complex(stored[name]) if name in pairs else stored[name]
        for name in names
    }


def _type(name: str, tensor: Tensor) -> str:
    known = TYPES.get(tensor.dtype) or PAIRS.get(tensor.dtype)
    if known is None or tensor.layout is not torch.strided or name == "__metadata__":
        raise TypeError(
            f"tensor {name!r} ({tensor.dtype}, {tensor.layout}) has no place in a "
            "safetensors file"
        )
    return known
