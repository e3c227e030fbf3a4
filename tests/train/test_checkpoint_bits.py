"""Tensors and documents come back from a checkpoint with the same bits."""

import json
import math
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from dovetail.train.checkpoint import Checkpoint, Checkpoints
from dovetail.train.checkpoint.json import from_json, to_json
from dovetail.train.checkpoint.tensors import PAIRS, TYPES, restored, snapshot


def same_bits(one: Tensor, two: Tensor) -> bool:
    return (
        one.dtype == two.dtype
        and one.shape == two.shape
        and bytes_of(one) == bytes_of(two)
    )


def bytes_of(tensor: Tensor) -> bytes:
    plain = tensor.detach().resolve_conj().resolve_neg()
    flat = plain.clone(memory_format=torch.contiguous_format).reshape(-1)
    return flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""


DTYPES = st.sampled_from([*TYPES, *PAIRS])
WAYS = ["plain", "turned", "thinned", "repeated", "asked", "conjugate"]
SHAPES = st.lists(st.integers(0, 4), max_size=4)


@st.composite
def any_tensors(draw: st.DrawFn) -> Tensor:
    """Random bits as numbers of any type and shape, also with odd strides."""
    dtype, shape = draw(DTYPES), draw(SHAPES)
    size = math.prod(shape)
    data = draw(st.binary(min_size=size * 16, max_size=size * 16))
    raw = torch.frombuffer(bytearray(data or b"0"), dtype=torch.uint8)
    if dtype == torch.bool:
        tensor = (raw[:size] % 2).bool().reshape(shape)
    else:
        tensor = raw[: size * dtype.itemsize].view(dtype).reshape(shape)
    match draw(st.sampled_from(WAYS)):
        case "turned":
            return tensor.permute(tuple(reversed(range(tensor.dim()))))
        case "thinned" if shape:
            return tensor[..., ::2]
        case "repeated":
            return tensor.expand(3, *shape)
        case "asked" if dtype in (torch.float32, torch.bfloat16, torch.complex64):
            return tensor.requires_grad_()
        case "conjugate":
            return tensor.conj()  # a flag on complex numbers, nothing on others
    return tensor


@given(st.dictionaries(st.text(max_size=8), any_tensors(), max_size=5))
@settings(max_examples=200, deadline=None)
def test_tensors_come_back_with_the_same_bits(tensors: dict[str, Tensor]) -> None:
    # "__metadata__" is the format's own word; no strategy draws so long a name.
    pairs = [name for name, tensor in tensors.items() if tensor.dtype.is_complex]
    back = restored(b"".join(snapshot(tensors)), list(tensors), pairs)
    assert list(back) == list(tensors)
    assert all(same_bits(back[name], tensors[name]) for name in tensors)


finite_or_not = st.floats(allow_nan=True, allow_infinity=True) | st.integers(
    0, 2**64 - 1
).map(lambda bits: struct.unpack(">d", struct.pack(">Q", bits))[0])
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | finite_or_not | st.text(),
    lambda part: (
        st.lists(part, max_size=4)
        | st.dictionaries(st.text() | st.sampled_from(["$", "$int", "$float"]), part)
    ),
    max_leaves=12,
)


def as_bits(value: Any) -> Any:
    """Floats by their bits, dicts with their order: what ``==`` would let pass."""
    match value:
        case float():
            return "float", struct.pack(">d", value)
        case list():
            return [as_bits(part) for part in value]
        case dict():
            return [(key, as_bits(part)) for key, part in value.items()]
    return type(value), value


def no_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


@given(documents)
@settings(max_examples=300, deadline=None)
def test_documents_come_back_with_the_same_bits(document: Any) -> None:
    data = to_json(document)
    json.loads(data, parse_constant=no_constant)
    assert as_bits(from_json(data)) == as_bits(document)


@pytest.mark.parametrize(
    "value",
    [10**5000, -(2**63) - 1, 2**63, -0.0, 5e-324, math.nan, -math.inf, "数😀\x00\udc80",
     {"$float": "7ff0000000000000"}, {"$$": {"$int": 1}}, {"": []}],
    ids=range(11),
)  # fmt: skip
def test_hard_values_come_back(value: Any) -> None:
    assert as_bits(from_json(to_json({"v": value}))) == as_bits({"v": value})


@pytest.mark.parametrize(
    ("value", "place"),
    [((1, 2), "a tuple"), (b"", "a bytes"), ({1: 2}, "the key 1"), ({1, 2}, "a set"),
     (torch.tensor(1.0), "a Tensor"), ("\ud83d\ude00", "two halves")],
)  # fmt: skip
def test_what_json_would_change_is_refused_with_its_place(
    value: Any, place: str
) -> None:
    with pytest.raises(TypeError, match=place) as caught:
        to_json({"rates": [0.5, {"x": value}]})
    assert "document['rates'][1]['x']" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "tensor"),
    [("sparse", torch.eye(2).to_sparse()), ("__metadata__", torch.ones(1))],
)
def test_a_tensor_without_place_in_the_format_is_refused(
    name: str, tensor: Tensor
) -> None:
    with pytest.raises(TypeError, match=name):
        snapshot({name: tensor})


def test_shared_storage_becomes_tensors_of_their_own(tmp_path: Path) -> None:
    network = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    network[1].weight = network[0].weight
    whole = torch.arange(6.0)
    tensors = {**network.state_dict(), "low": whole[:4], "high": whole[2:]}
    store = Checkpoints(tmp_path / "c")
    store.save(Checkpoint(tensors, {}), wait=True)
    back = store.newest()
    assert back is not None
    assert list(back.tensors) == list(tensors)
    assert all(same_bits(back.tensors[name], tensors[name]) for name in tensors)
    back.tensors["low"].zero_()
    assert back.tensors["high"].tolist() == [2, 3, 4, 5]
