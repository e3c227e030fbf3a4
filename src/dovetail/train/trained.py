"""What comes out of a training: curves, the best epoch, why it ended."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from dovetail.train.choices import Choices


@dataclass
class Trained:
    """How it went for one network; ``history`` has one line an epoch."""

    history: list[dict[str, Any]] = field(default_factory=list)
    best_epoch: int = 0
    best_value: float | None = None
    stopped: str = "epochs"  # or "early", "time", "diverged"
    clipped: float = 0.0  # share of steps whose gradient was clipped
    notes: list[str] = field(default_factory=list)
    choices: Choices | None = None

    def to_json(self) -> dict[str, Any]:
        """A plain document; the choices stand elsewhere in a checkpoint."""
        return {k: v for k, v in asdict(self).items() if k != "choices"}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(**document)
