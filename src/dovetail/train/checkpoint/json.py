"""A document to strict JSON and back, every float with its bits.

JSON has no NaN, no infinity, and no word on how large a number may be. A float that is
not finite is written as ``{"$float": "7ff0000000000000"}``, its IEEE 754 bits; an
integer beyond 64 bits as ``{"$int": "0x10000000000000000"}``; a key that begins with
``$`` gets a second one.
"""

import json
import math
import re
import struct
from collections.abc import Mapping
from typing import Any

_LARGEST = 2**63
# Two halves of one character: JSON would read them back as that character.
_SPLIT = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def to_json(document: Any) -> bytes:
    """Strict JSON; equal documents with keys in equal order give equal bytes.

    Raises:
        TypeError: something in it is no JSON value (a tuple would come back as a list,
            a number as a key as text); the message says where.

    >>> to_json({"loss": float("nan"), "rate": 0.1})
    b'{"loss": {"$float": "7ff8000000000000"}, "rate": 0.1}\\n'
    """
    return (json.dumps(_encoded(document, "document"), allow_nan=False) + "\n").encode()


def from_json(data: bytes) -> Any:
    """The document that ``to_json`` was given.

    >>> from_json(to_json({"best": -math.inf, "$": [2**70, -0.0, None]}))
    {'best': -inf, '$': [1180591620717411303424, -0.0, None]}
    """
    return json.loads(data, object_hook=_decoded)


def _encoded(value: Any, place: str) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, int):
        return value if -_LARGEST <= value < _LARGEST else {"$int": hex(value)}
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        return {"$float": struct.pack(">d", value).hex()}
    if isinstance(value, list):
        return [_encoded(part, f"{place}[{i}]") for i, part in enumerate(value)]
    if isinstance(value, Mapping):
        return {
            _key(key, place): _encoded(part, f"{place}[{key!r}]")
            for key, part in value.items()
        }
    raise TypeError(f"{place} is a {type(value).__name__}, which JSON has no word for")


def _key(key: Any, place: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{place} has the key {key!r}; JSON has text as keys only")
    text = _text(key, place)
    return f"${text}" if text.startswith("$") else text


def _text(text: str, place: str) -> str:
    if _SPLIT.search(text):
        raise TypeError(f"{place} holds {text!r}, one character in two halves")
    return text


def _decoded(parts: dict[str, Any]) -> Any:
    if parts.keys() == {"$float"}:
        return struct.unpack(">d", bytes.fromhex(parts["$float"]))[0]
    if parts.keys() == {"$int"}:
        return int(parts["$int"], 16)
    return {
        key.removeprefix("$") if key.startswith("$$") else key: value
        for key, value in parts.items()
    }
