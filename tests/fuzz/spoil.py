"""Case number N: a file, spoilt, and what is to be done with it. A function of N alone.

what        share   does
read        85 %    reads the file as a table
fit         10 %    dovetail fit FILE --dry-run, with options at random
predict      5 %    dovetail predict MODEL FILE, with options at random
"""

import random
from dataclasses import dataclass
from typing import final

from tests.fuzz.seeds import HEADER, packed, seeds

TOKENS = (
    *(b'"', b'""', b"'", b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"\n\n"),
    *(b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc3", b"\xf0\x9f\x8f\xa0"),
    *(b"NaN", b"inf", b"-inf", b"1e999", b"-0", b"0x1F", b"007", b"1e-400", b"None"),
    *(b"9" * 30, b"-" * 5, b"1_000", b"1,000,000", b"3,14", b"$5", b"5 %", b"1e+"),
    *(b"2024-13-45", b"0001-01-01", b"9999-12-31 23:59:59.9999999999", b"31/12/2024"),
    *(b"true", b"null", b"{", b"}", b"[", b"]", b":", b"\\", b"\\u0000", b"\\ud800"),
    *(b"%", b"?", b"@data", b"@attribute", b"#", b" " * 50, b"a|b|c", b"x" * 5000),
    *(b"=1+1", b"PK\x03\x04", b"PAR1", b"ARROW1", b"\x80\x04", "价".encode() * 9),
)
LONGEST = 500_000  # bytes of a file in which a line is repeated
_READING = (
    (),
    (("sep", ";"),),
    (("sep", "tab"),),
    (("on_bad", "skip"),),
    (("on_bad", "skip"),),
    (("encoding", "latin-1"),),
    (("encoding", "utf-16"),),
    (("columns", ("a", "b", "c")),),
    (("columns", tuple("abcdefg")),),
    (("known_columns", ("y",)),),
)
_FIT = (
    ("--task", "regression"),
    ("--task", "multiclass"),
    ("--task", "ordinal"),
    ("--task", "count"),
    ("--task", "multilabel"),
    ("--loss", "huber(delta=2)"),
    ("--loss", "poly1"),
    ("--drop", "size"),
    ("--kind", "kind=category"),
    ("--kind", "size=number"),
    ("--kind", "when=datetime"),
    ("--kind", "ok=boolean"),
    ("--weight", "价格"),
    ("--group", "kind"),
    ("--time", "when"),
    ("--folds", "3"),
    ("--positive", "yes"),
    ("--seed", "7"),
    ("--on-bad", "skip"),
    ("--sep", ";"),
    ("--json",),
    ("--epochs", "0"),
    ("--lr", "-1"),
    ("--columns", "a,b,c"),
)
_PREDICT = (
    ("--proba",),
    ("--json",),
    ("--safe-csv",),
    ("--on-bad", "skip"),
    ("--sep", ";"),
    ("--out", "p.parquet"),
    ("--out", "p.csv"),
    ("--quiet",),
)
_TARGETS = (*HEADER, "y", "y", "x", "a", "*", "size:y", "nowhere")


@final
@dataclass(frozen=True)
class Case:
    """One file and one use of it."""

    what: str
    name: str
    raw: bytes
    reading: dict[str, object]
    line: tuple[str, ...]


def case(seed: int, number: int) -> Case:
    """The case of this number; equal numbers give equal cases."""
    rng = random.Random(f"{seed} {number}")
    name, raw = rng.choice(seeds())
    inside = name.endswith((".gz", ".zst")) and rng.random() < 0.7
    if not inside:
        raw = packed(name, raw)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 5, 9))):
        raw = _spoilt(rng, raw)
    if inside:
        raw = packed(name, raw)
    if rng.random() < 0.02:  # under another format's name
        name = rng.choice(seeds())[0]
    draw = rng.random()
    if draw < 0.85:
        return Case("read", name, raw, dict(rng.choice(_READING)), ())
    count = rng.choice((0, 0, 1, 1, 2, 3))
    if draw < 0.95:
        options = [word for o in rng.sample(_FIT, count) for word in o]
        line = ("fit", name, "--target", rng.choice(_TARGETS), "--dry-run", *options)
        return Case("fit", name, raw, {}, line)
    options = [word for o in rng.sample(_PREDICT, count) for word in o]
    return Case("predict", name, raw, {}, ("predict", "model", name, *options))


def _spoilt(rng: random.Random, raw: bytes) -> bytes:
    if not raw:
        return rng.choice(TOKENS)
    at = rng.randrange(len(raw))
    end = min(len(raw), at + rng.choice((1, 1, 2, 4, 8, 30, 200)))
    match rng.randrange(12):
        case 0:
            return raw[:at] + bytes([raw[at] ^ 1 << rng.randrange(8)]) + raw[at + 1 :]
        case 1:
            return raw[:at] + bytes([rng.randrange(256)]) + raw[at + 1 :]
        case 2:
            return raw[:at]
        case 3:
            return raw[:at] + raw[end:]
        case 4:
            return raw[:end] + raw[at:]
        case 5:
            other = rng.choice(seeds())[1]
            start = rng.randrange(len(other))
            return raw[:at] + other[start : start + end - at] + raw[end:]
        case 6:
            lines = raw.splitlines(keepends=True)
            rng.shuffle(lines)
            return b"".join(lines)
        case 7:
            lines = raw.splitlines(keepends=True)
            i = rng.randrange(len(lines))
            times = rng.choice((2, 3, 100, 1000))
            lines[i] *= min(times, LONGEST // len(lines[i]) + 1)
            return b"".join(lines)[:LONGEST]
        case 8 | 9:
            return raw[:at] + rng.choice(TOKENS) + raw[end:]
        case _:
            return raw[:at] + rng.choice(TOKENS) + raw[at:]
