"""Runs a row in an empty folder, and says what came of it."""

import contextlib
import ctypes
import hashlib
import io
import os
import resource
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np

from tests.mistakes.files import HOUSES, houses
from tests.mistakes.row import Mistake

ROOT = Path(__file__).parents[2]


@final
@dataclass(frozen=True)
class Outcome:
    """Exit code, both streams, and what was changed on disk."""

    code: int
    out: str
    err: str
    changed: tuple[str, ...]


class _Both(io.TextIOWrapper):
    """Text that is caught whole, also what is written as bytes."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined]


def make(row: Mistake, here: Path, model: Path) -> None:
    """The files that the row needs, and no others."""
    words = " ".join([row.line, *row.files])
    if "houses.csv" not in row.files:
        (here / "houses.csv").write_text(houses(), encoding="utf-8")
    if "model" in words.replace("/", " ").split():
        shutil.copytree(model, here / "model")
    for name, content in row.files.items():
        if callable(content):
            content(here / name)
        elif isinstance(content, bytes):
            (here / name).write_bytes(content)
        else:
            (here / name).write_text(content, encoding="utf-8", newline="")


def run(row: Mistake, here: Path) -> Outcome:
    """Do what the row says, in folder ``here``."""
    before = tree(here)
    if row.python:
        code, out, err = _python(row.line, here)
    elif row.child == "full":
        with _small_files():
            code, out, err = _here(row.line, here)
    elif row.child:
        code, out, err = _child(row, here)
    else:
        code, out, err = _here(row.line, here)
    after = tree(here)
    changed = {n for n in before | after if before.get(n) != after.get(n)}
    return Outcome(code, out, err, tuple(sorted(changed)))


def tree(folder: Path) -> dict[str, str]:
    """Each path below, with a fingerprint of what stands there."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = f"link to {os.readlink(path)}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            found[name] = "folder"
    return found


@contextlib.contextmanager
def _streams() -> Iterator[tuple[_Both, _Both]]:
    out, err = _Both(), _Both()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield out, err


def _here(line: str, here: Path) -> tuple[int, str, str]:
    from dovetail.cli.main import main

    with contextlib.chdir(here), _streams() as (out, err):
        code = main(shlex.split(line))
    return code, out.text(), err.text()


def _python(line: str, here: Path) -> tuple[int, str, str]:
    from dovetail.errors import DovetailError

    with contextlib.chdir(here):
        try:
            answer = eval(line, _names())
        except DovetailError as error:
            return error.exit_code, "", f"Error: {error}"
    return 0, repr(answer), ""


class _MyLoss:
    reduction = "mean"

    def __call__(self, raw: Any, target: Any) -> Any:
        return (raw - target).square().mean()


def _names() -> dict[str, Any]:
    import pandas as pd
    import scipy.sparse
    from torch import nn

    import dovetail as dt

    x = np.array([HOUSES[n] for n in ("area", "rooms", "area")], float).T
    x[:, 2] = np.sqrt(x[:, 2]) + np.arange(len(x)) % 7
    return {
        "dt": dt,
        "np": np,
        "pd": pd,
        "nn": nn,
        "scipy": scipy,
        "my_loss": _MyLoss(),
        "X": x,
        "y": np.array(HOUSES["price"], float),
        "c": np.array(HOUSES["city"]),
        "frame": pd.DataFrame({n: HOUSES[n] for n in ("area", "city")}).assign(
            area=x[:, 0], price=np.array(HOUSES["price"], float)
        ),
    }


def _child(row: Mistake, here: Path) -> tuple[int, str, str]:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "dovetail", *shlex.split(row.line)],
        stdin=subprocess.DEVNULL,
        stdout=writer if row.child == "closed" else subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_no_privileges if row.child == "unprivileged" else None,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=here,
        timeout=120,
        check=False,
    )
    os.close(writer)
    return done.returncode, (done.stdout or b"").decode(), done.stderr.decode()


@contextlib.contextmanager
def _small_files() -> Iterator[None]:
    """A write beyond 8 KiB is refused, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _no_privileges() -> None:
    """Root, too, is to be refused what permissions refuse: CAP_DAC_* go."""
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
