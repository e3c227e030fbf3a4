"""Runs command lines in this process, against a stand-in for the estimator or for real.

The stand-in records the one call that a command makes: cli has no logic of its own.
"""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

import dovetail
from dovetail.cli.main import main
from tests.train.conftest import torture  # noqa: F401 - a fixture for these tests too

TOLD = {"en": "Task  Binary.", "zh": "Task  二分类。"}


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out, parse_constant=_no_constant)


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.delenv("_DOVETAIL_COMPLETE", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def run(*args: object) -> Result:
        capsys.readouterr()
        code = main([str(arg) for arg in args])
        told = capsys.readouterr()
        return Result(code, told.out, told.err)

    return run


SUMMARY = {
    "task": "Binary",
    "target": ["income"],
    "model": "tabular",
    "loss": "BinaryCrossEntropy",
    "optimizer": "AdamW",
    "metric": "log_loss",
    "score": 0.2812345,
    "baseline": 0.5521,
    "interval": [0.27, 0.2925],
    "higher_is_better": False,
    "rows": 100,
    "parts": {"total": 100, "train": 70, "tune": 15, "score": 15},
    "rule": "70/15/15",
    "epochs": 17,
    "best_epoch": 12,
    "stopped": "early",
    "seconds": 3.14159,
    "folder": "models/adult-income",
    "notes": ["2 columns are set aside: fnlwgt (identifier), native (constant)."],
    "warnings": ["capital equals income in every row: a leak."],
}
METRICS = {
    "log_loss": {
        "value": 0.4,
        "low": 0.3,
        "high": 0.5,
        "baseline": 0.69,
        "higher_is_better": False,
    },
    "accuracy": {
        "value": 0.875,
        "low": float("nan"),
        "high": None,
        "baseline": 0.5,
        "higher_is_better": True,
    },
}
PREDICTIONS = pa.table(
    {"income": ["<=50K", "=1+1", None], "income_<=50K": [0.1, 1 / 3, float("nan")]}
)


@dataclass
class Estimator:
    """Records calls; answers with the values above; raises ``error`` where set."""

    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = field(
        default_factory=list
    )
    error: BaseException | None = None
    reports: tuple[Any, ...] = ()

    def record(self, name: str, args: Any, words: Any) -> None:
        self.calls.append((name, args, words))
        if self.error is not None:
            raise self.error

    def fit(self, data: Any, target: Any, *, progress: Any, **words: Any) -> Any:
        for report in self.reports:
            progress(report)
        self.record("fit", (data, target), words)
        return self._model()

    def plan(self, data: Any, target: Any, **words: Any) -> Any:
        self.record("plan", (data, target), words)
        return SimpleNamespace(
            document=lambda: {"task": "Binary", "baseline": float("nan")},
            explain=lambda lang="en": TOLD[lang],
            chain_in=lambda lang: [("Task", TOLD[lang].removeprefix("Task  "))],
            chain=[("Task", "Binary.")],
        )

    def curve_of(self, planned: Any, *, progress: Any) -> Any:
        self.record("curve_of", (), {})
        said = {"en": ("More rows", "Yes."), "zh": ("更多行", "有帮助。")}
        return SimpleNamespace(
            explain=lambda lang: "  ".join(said[lang]),
            chain_in=lambda lang: [said[lang]],
            to_json=lambda: {"points": []},
        )

    def load(self, folder: Any) -> Any:
        self.record("load", (folder,), {})
        return self._model()

    def _model(self) -> Any:
        def predict_table(data: Any, *, tell: Any, **words: Any) -> pa.Table:
            tell("a line was left out")
            self.record("predict_table", (data,), words)
            return PREDICTIONS

        def evaluate(data: Any, *, tell: Any, **words: Any) -> dict[str, Any]:
            tell("a line was left out")
            self.record("evaluate", (data,), words)
            return {
                "task": "Binary",
                "rows": 15,
                "missing_target": 2,
                "metrics": METRICS,
                "extra": 1,
            }

        return SimpleNamespace(
            target=("income",),
            chain=[("Task", "Two distinct values: one of two classes.")],
            document={"metrics": METRICS},
            summary=lambda: SUMMARY,
            explain=lambda lang="en": TOLD[lang],
            chain_in=lambda lang: [("Task", TOLD[lang].removeprefix("Task  "))],
            report=lambda: "<!doctype html><title>報告</title>",
            predict_table=predict_table,
            evaluate=evaluate,
        )


@pytest.fixture
def estimator(monkeypatch) -> Estimator:
    stand_in = Estimator()
    monkeypatch.setitem(sys.modules, "dovetail.estimator", stand_in)
    monkeypatch.setattr(dovetail, "estimator", stand_in, raising=False)
    return stand_in


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path
