"""Lightning: Trainer.fit without logger, checkpoints and progress bar."""

import logging
import warnings
from collections.abc import Callable

import lightning
import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.loop.cases import LEARNING_RATE, Case
from benchmarks.loop.peers import _base, _network
from benchmarks.loop.rows import Rows


class Module(lightning.LightningModule):
    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model
        self.loss = torch.nn.CrossEntropyLoss()

    def training_step(self, batch: list[torch.Tensor], _: int) -> torch.Tensor:
        x, y = batch
        return self.loss(self.model(x), y)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=LEARNING_RATE)


class Tick(lightning.Callback):
    def __init__(self, tick: Callable[[], None]) -> None:
        self.tick = tick

    def on_train_epoch_end(self, *_: object) -> None:
        self.tick()


class Loop(_base.Loop):
    def prepare(self, case: Case, rows: Rows, seed: int) -> None:
        logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
        warnings.filterwarnings("ignore", module="lightning")
        self.module = Module(_network.network(case, seed))
        data = TensorDataset(*_network.tensors(rows.numbers, rows.target))
        self.loader = DataLoader(data, batch_size=case.batch, shuffle=True)

    def run(self, epochs: int, tick: Callable[[], None]) -> None:
        trainer = lightning.Trainer(
            max_epochs=epochs,
            accelerator="cpu",
            devices=1,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[Tick(tick)],
        )
        self.module.train()
        trainer.fit(self.module, self.loader)

    def logits(self, numbers: np.ndarray) -> np.ndarray:
        return _network.logits(self.module.model, numbers)
