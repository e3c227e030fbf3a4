"""From what a user typed to the one thing meant: ``name``, ``name(1, key=2)``.

Strings become objects here, once, at the border; nothing further in reads them.
"""

import ast
import difflib
import re
from collections.abc import Iterable
from typing import Any

from dovetail.errors import DovetailError, UsageError


def suggest(name: str, known: Iterable[str]) -> str:
    """`` Did you mean 'price'?`` where a known name is near, else an empty string.

    >>> suggest("pirce", ["price", "rooms"])
    " Did you mean 'price'?"
    """
    names = [str(k) for k in known]
    by_key = {key(n): n for n in names}
    near = difflib.get_close_matches(key(name), by_key, n=1, cutoff=0.6)
    return f" Did you mean {by_key[near[0]]!r}?" if near else ""


def key(name: str) -> str:
    """One spelling for comparison: case, spaces, hyphens and underscores do not count.

    >>> key("Smooth-L1"), key("smooth_l1")
    ('smoothl1', 'smoothl1')
    """
    return re.sub(r"[\s_\-]+", "", str(name)).casefold()


def parse_call(
    text: str, *, what: str, error: type[DovetailError] = UsageError
) -> tuple[str, list[Any], dict[str, Any]]:
    """Split ``huber(delta=2)`` into name, positional and keyword literals.

    The name stays as typed, for messages; ``key`` makes spellings comparable. Only
    Python literals are read (numbers, strings, lists, True, None); nothing is
    evaluated. ``what`` names the thing in the error ("loss", "optimizer").

    >>> parse_call("SGD(0.01, momentum=0.9)", what="optimizer")
    ('SGD', [0.01], {'momentum': 0.9})
    >>> parse_call(" One-Cycle (0.1)", what="schedule")
    ('One-Cycle', [0.1], {})
    """
    text = text.strip()
    if "(" not in text:
        return text, [], {}
    # The name is any spelling, hyphens included; only what follows it is Python.
    name, rest = text.split("(", 1)
    name = name.strip()
    try:
        node = ast.parse(f"_({rest}", mode="eval").body
        if not (
            name and isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ):
            raise ValueError
        positional = [ast.literal_eval(arg) for arg in node.args]
        keywords = {k.arg: ast.literal_eval(k.value) for k in node.keywords if k.arg}
        if len(keywords) != len(node.keywords):
            raise ValueError
    except (SyntaxError, ValueError):
        raise error(
            f"Cannot read the {what} {text!r}.",
            fix=f"write the {what} as a name or name(key=value), with plain values",
        ) from None
    return name, positional, keywords
