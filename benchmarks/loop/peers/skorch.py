"""skorch: NeuralNetClassifier without its validation split."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import Callback

from benchmarks.loop.cases import LEARNING_RATE, Case
from benchmarks.loop.peers import _base, _network
from benchmarks.loop.rows import Rows


class Tick(Callback):
    def on_epoch_end(self, net: Any, **_: Any) -> None:
        net.tick()


class Loop(_base.Loop):
    def prepare(self, case: Case, rows: Rows, seed: int) -> None:
        self.rows = rows
        self.net = NeuralNetClassifier(
            _network.network(case, seed),
            criterion=torch.nn.CrossEntropyLoss,
            optimizer=torch.optim.Adam,
            lr=LEARNING_RATE,
            batch_size=case.batch,
            iterator_train__shuffle=True,
            train_split=None,
            callbacks=[("tick", Tick())],
            verbose=0,
        )

    def run(self, epochs: int, tick: Callable[[], None]) -> None:
        self.net.tick = tick
        self.net.partial_fit(self.rows.numbers, self.rows.target, epochs=epochs)

    def logits(self, numbers: np.ndarray) -> np.ndarray:
        return _network.logits(self.net.module_, numbers)
