"""scikit-learn's MLPClassifier: one call of partial_fit is one shuffled epoch."""

from collections.abc import Callable

import numpy as np
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_info

from benchmarks.loop.cases import LEARNING_RATE, Case
from benchmarks.loop.peers import _base
from benchmarks.loop.rows import Rows


class Loop(_base.Loop):
    def prepare(self, case: Case, rows: Rows, seed: int) -> None:
        self.rows, self.classes = rows, np.arange(case.widths[-1])
        self.model = MLPClassifier(
            hidden_layer_sizes=case.widths[1:-1],
            solver="adam",
            alpha=0.0,
            batch_size=case.batch,
            learning_rate_init=LEARNING_RATE,
            random_state=seed,
        )

    def run(self, epochs: int, tick: Callable[[], None]) -> None:
        for _ in range(epochs):
            self.model.partial_fit(
                self.rows.numbers, self.rows.target, classes=self.classes
            )
            tick()

    def logits(self, numbers: np.ndarray) -> np.ndarray:
        return self.model.predict_log_proba(numbers)

    def threads(self) -> int:
        return max(
            pool["num_threads"]
            for pool in threadpool_info()
            if pool["user_api"] == "blas"
        )
