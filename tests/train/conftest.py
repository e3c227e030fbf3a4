"""How long the fault tests go on: short here, at the marks with ``make torture``."""

import os
import random
from dataclasses import dataclass
from typing import final

import pytest

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
