"""One row of the catalogue: a mistake that people make, and what they are told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

Make = str | bytes | Callable[[Path], None]


@final
@dataclass(frozen=True)
class Mistake:
    """``line`` is a command line behind ``dovetail``, or Python; ``says`` is said.

    Where ``code`` is 0 it is none for us: the command does what was meant, and says
    what it took on. ``fix`` are words of what to do. ``leaves`` are patterns of what
    may be left behind. ``child`` says which refusal of the system's the row is to
    meet, some in a process of its own.
    """

    name: str
    line: str
    code: int
    says: tuple[str, ...]
    fix: str = ""
    files: Mapping[str, Make] = field(default_factory=dict)
    python: bool = False
    leaves: tuple[str, ...] = ()
    child: str = ""  # "full" disk, "closed" stdout, "unprivileged" user
