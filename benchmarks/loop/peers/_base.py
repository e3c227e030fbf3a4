"""What every peer is: rows in, epochs trained, logits out."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np

from benchmarks.loop.cases import Case
from benchmarks.loop.rows import Rows


class Unavailable(Exception):
    """This peer cannot run here; the message says why."""


class Loop(ABC):
    """``prepare`` once, then ``run`` as often as wanted: training goes on."""

    @abstractmethod
    def prepare(self, case: Case, rows: Rows, seed: int) -> None:
        """Data and network, ready for the first step."""

    @abstractmethod
    def run(self, epochs: int, tick: Callable[[], None]) -> None:
        """Train; ``tick()`` at the end of each epoch."""

    @abstractmethod
    def logits(self, numbers: np.ndarray) -> np.ndarray | None:
        """Raw outputs (n, k) up to a constant per row; None where nothing is learnt."""

    def threads(self) -> int | None:
        """Threads of its arithmetic; None where it does not say."""
        import torch

        return torch.get_num_threads()
