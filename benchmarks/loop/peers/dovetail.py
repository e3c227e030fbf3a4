"""Ours: ``dovetail.train.train`` on the tutorial's network.

All that depends on the loop's interface stands here; ``options`` are fields of Plan.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import torch

from benchmarks.loop.cases import LEARNING_RATE, Case
from benchmarks.loop.peers import _base, _network
from benchmarks.loop.rows import Rows
from dovetail import losses, optim, train
from dovetail.backbones import Flat
from dovetail.train.loop import Progress


class Loop(_base.Loop):
    def __init__(self, **switches: Any) -> None:
        unknown = switches.keys() - {f.name for f in fields(train.Plan)}
        if unknown:
            raise _base.Unavailable(f"Plan has no {', '.join(sorted(unknown))}")
        self.switches = switches
        self.calls = 0

    def prepare(self, case: Case, rows: Rows, seed: int) -> None:
        self.case, self.seed = case, seed
        self.network = Flat(_network.network(case, seed), ())
        numbers, target = _network.tensors(rows.numbers, rows.target)
        none = torch.zeros(len(target), 0, dtype=torch.int64)
        self.rows = train.Rows(numbers, none, target)
        self.loss = losses.SoftmaxCrossEntropy()
        self.optimizer = optim.Adam(lr=LEARNING_RATE, schedule=optim.Constant())

    def run(self, epochs: int, tick: Callable[[], None]) -> None:
        plan = train.Plan(
            epochs=epochs,
            batch_size=self.case.batch,
            seed=self.seed + 1_000 * self.calls,  # another order in each call
            patience=epochs,
            **self.switches,
        )
        self.calls += 1
        ended = 0

        def report(progress: Progress) -> None:
            # It reports within epochs too, and may do so at a last step.
            nonlocal ended
            self.used = torch.get_num_threads()
            if progress.step >= (ended + 1) * self.case.steps:
                ended += 1
                tick()

        train.train(
            self.network, self.loss, self.optimizer, self.rows, plan, report=report
        )

    def logits(self, numbers: np.ndarray) -> np.ndarray:
        return _network.logits(self.network.module, numbers)

    def threads(self) -> int:
        return self.used
