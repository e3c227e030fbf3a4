"""Hugging Face's Trainer without logging, saving and gradient clipping."""

import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset
from transformers import Trainer, TrainerCallback, TrainingArguments

from benchmarks.loop.cases import LEARNING_RATE, Case
from benchmarks.loop.peers import _base, _network
from benchmarks.loop.rows import Rows


class Examples(Dataset):
    def __init__(self, numbers: Tensor, target: Tensor) -> None:
        self.numbers, self.target = numbers, target

    def __len__(self) -> int:
        return len(self.target)

    def __getitem__(self, row: int) -> dict[str, Tensor]:
        return {"numbers": self.numbers[row], "labels": self.target[row]}


class Module(torch.nn.Module):
    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model
        self.loss = torch.nn.CrossEntropyLoss()

    def forward(self, numbers: Tensor, labels: Tensor) -> dict[str, Tensor]:
        raw = self.model(numbers)
        return {"loss": self.loss(raw, labels), "logits": raw}


class Tick(TrainerCallback):
    def __init__(self, tick: Callable[[], None]) -> None:
        self.tick = tick

    def on_epoch_end(self, *_: Any, **__: Any) -> None:
        self.tick()


class Loop(_base.Loop):
    def prepare(self, case: Case, rows: Rows, seed: int) -> None:
        self.batch = case.batch
        self.module = Module(_network.network(case, seed))
        self.data = Examples(*_network.tensors(rows.numbers, rows.target))

    def run(self, epochs: int, tick: Callable[[], None]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            arguments = TrainingArguments(
                folder,
                num_train_epochs=epochs,
                per_device_train_batch_size=self.batch,
                learning_rate=LEARNING_RATE,
                lr_scheduler_type="constant",
                weight_decay=0.0,
                max_grad_norm=0.0,
                use_cpu=True,
                dataloader_pin_memory=False,
                remove_unused_columns=False,
                logging_strategy="no",
                save_strategy="no",
                report_to="none",
                disable_tqdm=True,
            )
            Trainer(
                self.module, arguments, train_dataset=self.data, callbacks=[Tick(tick)]
            ).train()

    def logits(self, numbers: np.ndarray) -> np.ndarray:
        return _network.logits(self.module.model, numbers)
