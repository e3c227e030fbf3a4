"""What is trained: the tutorial's network at several widths and batch sizes.

    Linear - ReLU - ... - Linear, cross-entropy, Adam(0.001), float32

Standard library alone, so that the driver's own memory stays out of what it measures.
"""

import json
from dataclasses import asdict, dataclass
from typing import Self

LEARNING_RATE = 1e-3
BATCHES = (32, 128, 256, 1024)
WIDTHS = (
    (10, 20, 5),
    (16, 32, 32, 5),
    (32, 64, 64, 10),
    (64, 128, 128, 10),
    (64, 256, 256, 10),
)


@dataclass(frozen=True)
class Case:
    """``widths`` are inputs, hidden layers, classes; an epoch has ``steps`` batches.

    >>> case = Case((10, 20, 5), 32, 1024)
    >>> case.name, case.rows, case.weights
    ('10-20-5/32', 32768, 325)
    >>> Case.from_text(case.to_text()) == case
    True
    """

    widths: tuple[int, ...]
    batch: int
    steps: int

    @property
    def name(self) -> str:
        return f"{'-'.join(map(str, self.widths))}/{self.batch}"

    @property
    def rows(self) -> int:
        return self.batch * self.steps

    @property
    def layers(self) -> list[tuple[int, int]]:
        """Inputs and outputs of each linear layer."""
        return list(zip(self.widths[:-1], self.widths[1:], strict=True))

    @property
    def weights(self) -> int:
        return sum(i * o + o for i, o in self.layers)

    def to_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Self:
        values = json.loads(text)
        return cls(tuple(values["widths"]), values["batch"], values["steps"])


def steps(batch: int) -> int:
    """Steps an epoch: enough to be steady, few enough for an epoch of about a second.

    >>> [steps(batch) for batch in BATCHES]
    [1024, 512, 256, 128]
    """
    return max(128, min(1024, 65_536 // batch))


CASES = {
    case.name: case for case in (Case(w, b, steps(b)) for w in WIDTHS for b in BATCHES)
}
MAIN = ("10-20-5/32", "64-256-256-10/256", "64-256-256-10/1024")
