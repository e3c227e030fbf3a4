"""fastai: Learner.fit at a constant rate; its validation pass is left out."""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from fastai.callback.core import Callback, CancelValidException
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.learner import Learner
from fastai.optimizer import OptimWrapper
from torch.utils.data import TensorDataset

from benchmarks.loop.cases import LEARNING_RATE, Case
from benchmarks.loop.peers import _base, _network
from benchmarks.loop.rows import Rows


class Tick(Callback):
    def __init__(self, tick: Callable[[], None]) -> None:
        self.tick = tick

    def after_train(self) -> None:
        self.tick()

    def before_validate(self) -> None:
        raise CancelValidException


class Loop(_base.Loop):
    def prepare(self, case: Case, rows: Rows, seed: int) -> None:
        data = TensorDataset(*_network.tensors(rows.numbers, rows.target))
        one = TensorDataset(*_network.tensors(rows.numbers[:1], rows.target[:1]))
        self.learner = Learner(
            DataLoaders(
                DataLoader(data, bs=case.batch, shuffle=True, num_workers=0),
                DataLoader(one, bs=1, num_workers=0),
                device=torch.device("cpu"),
            ),
            _network.network(case, seed),
            loss_func=torch.nn.CrossEntropyLoss(),
            opt_func=partial(OptimWrapper, opt=torch.optim.Adam),
        )

    def run(self, epochs: int, tick: Callable[[], None]) -> None:
        with self.learner.no_logging():
            self.learner.fit(epochs, LEARNING_RATE, cbs=[Tick(tick)])

    def logits(self, numbers: np.ndarray) -> np.ndarray:
        return _network.logits(self.learner.model, numbers)
