"""Keras on the backend that KERAS_BACKEND names: model.fit on arrays."""

import os
from collections.abc import Callable
from typing import Any

# XLA takes a thread for each core it may use and knows no other setting.
if os.environ.get("KERAS_BACKEND") == "jax" and "OMP_NUM_THREADS" in os.environ:
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[: int(os.environ["OMP_NUM_THREADS"])])

import keras
import numpy as np

if keras.backend.backend() == "jax":
    import jax  # noqa: F401  it is missing now, not in the middle of a run

from benchmarks.loop.cases import LEARNING_RATE, Case
from benchmarks.loop.peers import _base
from benchmarks.loop.rows import Rows


class Tick(keras.callbacks.Callback):
    def __init__(self, tick: Callable[[], None]) -> None:
        super().__init__()
        self.tick = tick

    def on_epoch_end(self, *_: Any) -> None:
        self.tick()


class Loop(_base.Loop):
    def prepare(self, case: Case, rows: Rows, seed: int) -> None:
        keras.utils.set_random_seed(seed)
        self.rows, self.batch = rows, case.batch
        hidden = [keras.layers.Dense(w, "relu") for w in case.widths[1:-1]]
        self.model = keras.Sequential(
            [
                keras.Input((case.widths[0],)),
                *hidden,
                keras.layers.Dense(case.widths[-1]),
            ]
        )
        self.model.compile(
            optimizer=keras.optimizers.Adam(LEARNING_RATE),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )

    def run(self, epochs: int, tick: Callable[[], None]) -> None:
        self.model.fit(
            self.rows.numbers,
            self.rows.target,
            batch_size=self.batch,
            epochs=epochs,
            verbose=0,
            callbacks=[Tick(tick)],
        )

    def logits(self, numbers: np.ndarray) -> np.ndarray:
        return self.model.predict(numbers, batch_size=8_192, verbose=0)

    def threads(self) -> int:
        if keras.backend.backend() == "jax":
            return len(os.sched_getaffinity(0))
        return super().threads()
