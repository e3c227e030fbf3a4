"""The loop of someone who tunes by hand, in plain torch: no DataLoader, no syncs."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.loop.cases import LEARNING_RATE, Case
from benchmarks.loop.peers import _base, _network
from benchmarks.loop.rows import Rows


class Loop(_base.Loop):
    def __init__(self, *, bfloat16: bool = False, compile: bool = False) -> None:
        self.bfloat16 = bfloat16
        self.step = torch.compile(self._step) if compile else self._step

    def prepare(self, case: Case, rows: Rows, seed: int) -> None:
        self.batch = case.batch
        self.model = _network.network(case, seed)
        self.x, self.y = _network.tensors(rows.numbers, rows.target)
        self.optimizer = torch.optim.Adam(
            self.model.parameters(), lr=LEARNING_RATE, fused=True
        )

    def _step(self, x: Tensor, y: Tensor) -> Tensor:
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
            raw = self.model(x)
        loss = F.cross_entropy(raw.float(), y)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def run(self, epochs: int, tick: Callable[[], None]) -> None:
        self.model.train()
        for _ in range(epochs):
            order = torch.randperm(len(self.x))
            x, y = self.x[order], self.y[order]
            total = torch.zeros(())
            for i in range(0, len(x), self.batch):
                total += self.step(x[i : i + self.batch], y[i : i + self.batch])
            total.item()
            tick()

    def logits(self, numbers: np.ndarray) -> np.ndarray:
        return _network.logits(self.model, numbers)
