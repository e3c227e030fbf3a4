"""How long the fault tests go on: short here, at the marks with ``make torture``."""

import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import final

import pytest

from dovetail.train.native import kept

LONG = os.environ.get("DOVETAIL_TORTURE") == "1"
SEED = int(os.environ.get("DOVETAIL_TORTURE_SEED", "0"))


@final
@dataclass(frozen=True)
class Torture:
    """Counts and chance of one fault test; what was done is printed."""

    test: str
    seed: int
    rng: random.Random

    def count(self, *, short: int, long: int) -> int:
        return long if LONG else short

    def say(self, what: str) -> None:
        print(f"\n{self.test}: {what}, seed {self.seed}", end="")


@pytest.fixture
def torture(request: pytest.FixtureRequest) -> Torture:
    """For tests marked ``torture``; DOVETAIL_TORTURE=1 makes them long."""
    name = request.node.name
    return Torture(name, SEED, random.Random(f"{SEED} {name}"))


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of compiled programs for all tests, empty at first.

    A compilation takes 10 to 40 s; tests whose steps are alike share one, in whatever
    process they run.
    """
    if shutil.which("g++") is None:
        pytest.skip("there is no C++ compiler (g++) to compile steps with")
    base = tmp_path_factory.getbasetemp()
    # Workers of pytest-xdist have folders of their own in one for the session.
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = base / "programs"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder / "dovetail"


@pytest.fixture
def forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be compiled any more."""

    def compile_(*_: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(kept, "_compile", compile_)


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs that are recorded and not compiled: torch goes through the graph."""
    monkeypatch.setattr(
        "dovetail.train.native.program.program",
        lambda graph, example, cutting: lambda inputs: graph(*inputs),
    )
    monkeypatch.setattr("dovetail.train.choices.BLOCKS", (2,))
