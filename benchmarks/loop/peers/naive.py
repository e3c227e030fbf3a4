"""The tutorial's loop, as most people write it."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.loop.cases import LEARNING_RATE, Case
from benchmarks.loop.peers import _base, _network
from benchmarks.loop.rows import Rows


class Loop(_base.Loop):
    def prepare(self, case: Case, rows: Rows, seed: int) -> None:
        self.model = _network.network(case, seed)
        data = TensorDataset(*_network.tensors(rows.numbers, rows.target))
        self.loader = DataLoader(data, batch_size=case.batch, shuffle=True)
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=LEARNING_RATE)

    def run(self, epochs: int, tick: Callable[[], None]) -> None:
        self.model.train()
        for _ in range(epochs):
            total = 0.0
            for x, y in self.loader:
                self.optimizer.zero_grad()
                loss = self.loss(self.model(x), y)
                loss.backward()
                self.optimizer.step()
                total += loss.item() * len(x)
            tick()

    def logits(self, numbers: np.ndarray) -> np.ndarray:
        return _network.logits(self.model, numbers)
