"""A fit's document for every task, made without training."""

import numpy as np
import pytest
import torch

from dovetail import report, tasks
from dovetail.tasks import Task

N = 240
MEAN = "<script>alert('x')</script>"
LABELS = ("赤い花", "カード 🎉", MEAN, "$a_1$ & b")
COLUMNS = [
    ("age", "number", "integers from 17 to 90", "(x - 37) * 0.05"),
    (MEAN, "category", "2 distinct texts: '<b>', '&'", "embedding of 4 values"),
    ("性别", "boolean", "the words of a yes or no", "-1 or 1"),
    ("id", "set aside", "identifier: every cell is a UUID", "not used"),
]
CONFIG = {
    "model": "tabular",
    "optimizer": {"name": "AdamW", "lr": 0.002, "betas": [0.9, 0.95]},
    "epochs": 40,
    "batch_size": 128,
    "patience": 8,
    "seed": 3,
    MEAN: MEAN,
}
ROWS = {
    "total": 32561, "missing_target": 12, "bad": 3, "train": 22790, "tune": 4876,
    "score": 4880,
}  # fmt: skip


def targets() -> dict[str, object]:
    rng = np.random.default_rng(0)
    chosen = rng.choice(4, N, p=[0.6, 0.2, 0.15, 0.05])
    chosen[:4] = range(4)
    several = (rng.random((N, 4)) < [0.5, 0.3, 0.2, 0.1]).astype(int)
    return {
        "Binary": np.where(chosen == 0, LABELS[0], MEAN).tolist(),
        "Multiclass": [LABELS[i] for i in chosen],
        "Ordinal": chosen.tolist(),
        "MultiLabel": dict(zip(LABELS, several.T, strict=True)),
        "Regression": {MEAN: rng.normal(2e5, 5e4, N), "価格": rng.normal(0, 1, N)},
        "Count": rng.poisson(3, N),
    }


class Fit:
    """Task, raw outputs that know something of the target, and the document."""

    def __init__(self, name: str) -> None:
        values = targets()[name]
        self.task: Task = tasks.by_name(name).from_targets(values)
        self.target = self.task.encode(values)
        generator = torch.Generator().manual_seed(0)
        noise = torch.randn(N, self.task.head_size, generator=generator)
        self.raw = torch.tensor(self.task.bias) + 0.5 * noise + self._hint()
        self.names = list(self.task.columns) or ["収入 <i>"]
        self.metric = self.task.metrics[0].name
        measured = report.evaluate(self.task, self.raw, self.target, intervals=False)
        for found in measured.values():  # near enough for a page
            found["low"], found["high"] = found["value"], found["value"]
        first = measured[self.metric]
        self.document = {
            "task": name,
            "target": self.names,
            "metric": self.metric,
            "score": first["value"],
            "baseline": first["baseline"],
            "higher_is_better": first["higher_is_better"],
            "rows": ROWS,
            "rule": "70/15/15, stratified by class",
            "folds": None,
            "epochs": 17,
            "best_epoch": 12,
            "stopped": "early",
            "metrics": measured,
            "figures": report.figures(
                self.task, self.raw, self.target, name=self.names[0]
            ),
            "notes": [],
            "warnings": [f"{MEAN} equals the target in every row: a leak"],
        }
        self.history = [
            {"fold": None, "epoch": e, "loss": 1 / e, self.metric: 1 / e + e / 99}
            for e in range(1, 18)
        ]

    def _hint(self) -> torch.Tensor:
        target, k = self.target.float(), self.task.head_size
        if target.ndim == 2:
            return target
        if isinstance(self.task, tasks.Ordinal):
            return (target[:, None] > torch.arange(k)).float() * 2
        return torch.nn.functional.one_hot(self.target, k).float() * 2

    def chain(self, **changes: object) -> list[tuple[str, str]]:
        given = {
            "columns": COLUMNS,
            "rows": ROWS,
            "rule": self.document["rule"],
            "warnings": self.document["warnings"],
            "config": CONFIG,
            "target": self.names,
            "document": self.document,
            **changes,
        }
        return report.chain(self.task, **given)

    def page(self, **changes: object) -> str:
        document = {**self.document, **changes}
        return report.page(
            self.task, document, self.history, COLUMNS, self.chain(), CONFIG
        )


@pytest.fixture(params=targets())
def fit(request: pytest.FixtureRequest) -> Fit:
    return Fit(request.param)


@pytest.fixture
def fitted() -> type[Fit]:
    return Fit
