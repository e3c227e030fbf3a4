"""Numbers with a sign of money or of per cent: ``$1,234.50``, ``12 %``.

cell           value
$1,234.50      1234.5      one of $ € £ ¥ ₹, before the number or behind it
-€5            -5.0
12 %           0.12        so that the value is the one a plain number has
1,250          1250.0      commas in front of three digits each

A cell means the same wherever it stands: in the file that a model learns from, and in
a single row that it is asked about later.
"""

import re

import pyarrow as pa
import pyarrow.compute as pc

_MONEY = "$€£¥₹"
_DIGITS = r"(\d{1,3}(,\d{3})+(\.\d*)?|\d+\.?\d*|\.\d+)"
# Before the sign of money or behind it; not twice.
_MINUS = rf"([+-]?\s*[{_MONEY}]?\s*|\s*[{_MONEY}]?\s*[+-])"
AMOUNT = rf"^{_MINUS}{_DIGITS}\s*[{_MONEY}%]?$"
_AMOUNT = re.compile(AMOUNT, re.ASCII)
_BESIDE = rf"[{_MONEY}%,\s]"
_SIGN = re.compile(rf"[{_MONEY}%]")


def is_amount(text: str) -> bool:
    """Is ``text`` a number with such a sign?

    >>> is_amount("$1,234.50"), is_amount("12"), is_amount("12 m")
    (True, False, False)
    """
    return bool(_SIGN.search(text) and _AMOUNT.match(text))


def value(text: str) -> float | None:
    """The number that ``text`` is with its signs; ``None`` if it is none.

    >>> value("12 %"), value("-$5"), value("1,250"), value("a lot")
    (0.12, -5.0, 1250.0, None)
    """
    if not _AMOUNT.match(text):
        return None
    number = float(re.sub(_BESIDE, "", text))
    return number / 100 if text.endswith("%") else number


def sign_of(cells: pa.ChunkedArray) -> str | None:
    """The one sign that every cell of a text column has beside its number.

    >>> sign_of(pa.chunked_array([["$1", None, "$2"]]))
    '$'
    """
    first = next((c for c in cells.slice(0, 50).to_pylist() if c is not None), None)
    if first is None or not is_amount(first):
        return None
    found = _SIGN.findall(first)
    if len(found) != 1:
        return None
    fits = pc.match_substring_regex(cells, AMOUNT)
    once = pc.equal(pc.count_substring_regex(cells, rf"[{_MONEY}%]"), 1)
    same = pc.match_substring(cells, found[0])
    all_ = pc.all(pc.and_(pc.and_(fits, once), same)).as_py()
    return str(found[0]) if all_ else None


def floats(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """float64 of a text column in which every cell is an amount, a number or missing.

    >>> floats(pa.chunked_array([["$1,000", "5%", None]])).to_pylist()
    [1000.0, 0.05, None]
    """
    bare = pc.replace_substring_regex(cells, _BESIDE, "").cast(pa.float64())
    return pc.if_else(pc.ends_with(cells, "%"), pc.divide(bare, 100.0), bare)
