"""Does cases, one after the other, and says of each how it ended.

Reads ``first last`` from its arguments; writes ``number`` before a case and ``number
outcome`` behind it, where the outcome is ``done``, ``refused`` (an error of ours), or
``WRONG`` with what happened.
"""

import contextlib
import io
import os
import resource
import sys
import traceback
import warnings
from pathlib import Path

from tests.fuzz.spoil import Case, case

MEMORY = 3 << 30  # bytes above what the libraries have taken
ALLOWED = {0, 2, 3, 4, 6}


def outcome(one: Case) -> str:
    """How the case ended, in a word; the file stands in the current folder."""
    Path(one.name).write_bytes(one.raw)
    try:
        return _read(one) if one.what == "read" else _command(one)
    except Exception:
        return f"WRONG {traceback.format_exc()!r}"
    finally:
        for name in (one.name, "p.csv", "p.parquet"):
            Path(name).unlink(missing_ok=True)


def _read(one: Case) -> str:
    from dovetail.data import read_table
    from dovetail.errors import DovetailError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            read = read_table(one.name, **one.reading)
    except DovetailError as error:
        return _judged(error.exit_code, str(error))
    read.table.validate(full=True)
    return "done"


def _command(one: Case) -> str:
    from dovetail.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(one.line)
    if code == 0:
        return "done"
    message = err.getvalue().partition("Error: ")[2]
    return _judged(code, message)


def _judged(code: int, message: str) -> str:
    whole = "\nWhat to do: " in message and "Traceback" not in message
    sane = code in ALLOWED and whole and len(message) < 20_000
    return "refused" if sane else f"WRONG exit code {code}: {message!r}"


def main(seed: int, first: int, last: int) -> None:
    with open("/proc/self/statm") as file:
        taken = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    for number in range(first, last):
        print(number, file=answers)
        print(number, outcome(case(seed, number)), file=answers)


if __name__ == "__main__":
    import torch

    import dovetail.data
    import dovetail.estimator  # noqa: F401 - before memory is limited

    torch.set_num_threads(1)
    main(*map(int, sys.argv[1:]))
