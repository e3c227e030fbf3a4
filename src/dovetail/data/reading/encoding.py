"""Bytes of text in any encoding that can be told, to UTF-8.

The order of trial: byte order mark, UTF-8, GB18030 (which holds GBK and GB2312), then
Windows-1252. Only the first two are certain; for the others a note says what was taken.
"""

import codecs
import encodings.aliases
import re

import numpy as np
import pyarrow as pa

from dovetail._names import suggest
from dovetail.errors import ConfigError, DataError

# The longer marks first: that of UTF-32 starts with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def to_utf8(
    name: str, raw: bytes, encoding: str | None = None
) -> tuple[bytes, str | None]:
    r"""The text as UTF-8 without byte order mark, and a note where it was a guess.

    >>> to_utf8("t.csv", "\ufeffcafé".encode("utf-16"))[0].decode()
    'café'
    >>> to_utf8("t.csv", "café,1".encode("cp1252"))[1]
    'read as cp1252, since it is no UTF-8; force another with --encoding'
    """
    if encoding is not None:
        return _forced(name, raw, _known(encoding)), None
    for mark, codec in _MARKS:
        if raw.startswith(mark):
            return _forced(name, raw[len(mark) :], codec), None
    if b"\0" in raw[:4096]:
        raise _with_zeros(name, raw)
    if _is_utf8(raw):
        return raw, None
    codec, text = _guessed(raw)
    note = f"read as {codec}, since it is no UTF-8; force another with --encoding"
    return text.encode(), note


def _with_zeros(name: str, raw: bytes) -> DataError:
    at, head = raw.index(0), raw[:4096]
    wide = 4 * head.count(0) > len(head)  # UTF-16 has one in each Latin letter
    line = raw.count(b"\n", 0, at) + 1
    little = head[1::2].count(0) >= head[::2].count(0)
    return DataError(
        f"{name} is no text: byte {at + 1}, in line {line}, is zero.",
        fix="it seems to be UTF-16 without a byte order mark: give --encoding "
        f"utf-16-{'le' if little else 'be'}"
        if wide
        else "remove the zero bytes, or write the file again as UTF-8",
    )


def _known(encoding: str) -> str:
    try:
        codec = codecs.lookup(encoding).name
        b"ab".decode(codec)
    except UnicodeDecodeError:
        return codec
    except (LookupError, ValueError):
        names = {n.replace("_", "-") for n in encodings.aliases.aliases.values()}
        raise ConfigError(
            f"There is no text encoding {encoding!r}.{suggest(encoding, names)}",
            fix="name one such as utf-8, utf-16, gb18030, shift-jis or cp1252",
        ) from None
    return codec


def _forced(name: str, raw: bytes, codec: str) -> bytes:
    if codec in ("utf-8", "utf-8-sig"):
        raw = raw.removeprefix(codecs.BOM_UTF8)
        if _is_utf8(raw):
            return raw
    try:
        return raw.decode(codec).removeprefix("\ufeff").encode()
    except UnicodeError as error:
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = raw.count(b"\n", 0, at) + 1
        raise DataError(
            f"{name}, line {line}: byte 0x{raw[at]:02x} is not {codec}.",
            fix="leave --encoding out to have it told, or name the right one",
        ) from None


def _is_utf8(raw: bytes) -> bool:
    if raw.isascii():
        return True
    # pyarrow checks in place; decoding would take up to four times the memory.
    ends = pa.py_buffer(np.array([0, len(raw)], dtype=np.int64))
    cell = pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, pa.py_buffer(raw)])
    try:
        cell.cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _guessed(raw: bytes) -> tuple[str, str]:
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        pass
    else:
        # A Western word such as "für" is also valid GB18030, but as characters so rare
        # that GB2312, the common ones, does not have them.
        high = "".join(re.findall(r"[^\x00-\x7f]+", text[:1_000_000]))
        common = len(high.encode("gb2312", "ignore")) // 2  # two bytes each
        if 2 * common >= len(high):
            return "gb18030", text
    try:
        return "cp1252", raw.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1", raw.decode("latin-1")
