"""Made-up rows with a signal to learn, written once and read by every process.

    python -m benchmarks.loop.rows FOLDER CASE...    each CASE as JSON

numbers ~ N(0, 1); target = argmax of a fixed random network's outputs + Gumbel noise,
so that no loss goes to zero, where gradients would become denormal numbers.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from benchmarks.loop.cases import Case

SEED = 20
TUNE = 8_192  # rows of the validation loss


@dataclass(frozen=True)
class Rows:
    """numbers (n, d) float32, target (n,) int64; the same for the tune rows."""

    numbers: np.ndarray
    target: np.ndarray
    tune_numbers: np.ndarray
    tune_target: np.ndarray

    @classmethod
    def read(cls, folder: Path, case: Case) -> Self:
        place = folder / slug(case)
        return cls(*(np.load(place / f"{name}.npy") for name in cls.__annotations__))


def slug(case: Case) -> str:
    return f"{case.widths[0]}-{case.widths[-1]}-{case.rows}"


def write(folder: Path, case: Case) -> None:
    place = folder / slug(case)
    if place.exists():
        return
    place.mkdir(parents=True)
    inputs, classes, hidden = case.widths[0], case.widths[-1], 32
    random = np.random.default_rng(SEED)
    into = random.normal(size=(inputs, hidden)).astype("f") * 2 / inputs**0.5
    out = random.normal(size=(hidden, classes)).astype("f") * 4 / hidden**0.5
    for part, rows in (("", case.rows), ("tune_", TUNE)):
        numbers = random.standard_normal((rows, inputs), dtype="f")
        noise = random.gumbel(size=(rows, classes))
        target = (np.tanh(numbers @ into) @ out + noise).argmax(1)
        np.save(place / f"{part}numbers.npy", numbers)
        np.save(place / f"{part}target.npy", target)


def cross_entropy(logits: np.ndarray, target: np.ndarray) -> float:
    """Mean over rows, in float64.

    >>> round(cross_entropy(np.zeros((3, 4)), np.array([0, 1, 3])), 6)  # log 4
    1.386294
    """
    z = logits.astype(np.float64)
    z -= z.max(1, keepdims=True)
    logs = z - np.log(np.exp(z).sum(1, keepdims=True))
    return float(-logs[np.arange(len(z)), target].mean())


if __name__ == "__main__":
    for text in sys.argv[2:]:
        write(Path(sys.argv[1]), Case.from_text(text))
