"""Small tables with a planted signal, one for each kind of target."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dovetail as dt
from dovetail import errors, tasks
from dovetail.train import clock

QUICK = {"epochs": 6, "batch_size": 32, "folds": 2}


def signal(rows: int = 240, seed: int = 0) -> pd.DataFrame:
    """Two numbers, a category and a date that a target can follow from."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "a": rng.normal(size=rows),
            "b": rng.normal(size=rows),
            "colour": rng.choice(["red", "green", "蓝"], rows),
            "when": pd.Timestamp("2020-01-01")
            + pd.to_timedelta(rng.integers(0, 900, rows), unit="D"),
        }
    )


def targets(frame: pd.DataFrame, seed: int = 1) -> dict[str, pd.DataFrame]:
    """Target column(s) by task name."""
    rng = np.random.default_rng(seed)
    score = 2 * frame.a + (frame.colour == "red") + 0.3 * rng.normal(size=len(frame))
    one = {
        "Binary": np.where(score > 0.3, "yes", "no"),
        "Multiclass": np.array(["low🍷", "mid", "top"])[
            np.digitize(score, [-0.5, 1.0])
        ],
        "Ordinal": np.digitize(score, [-2, -0.5, 0.5, 2]),
        "Regression": 1e4 + 50 * score,
        "Count": rng.poisson(np.exp(1.5 + 0.8 * score)),
    }
    frames = {task: pd.DataFrame({"y": values}) for task, values in one.items()}
    frames["MultiLabel"] = pd.DataFrame(
        {"l1": (score > 0).astype(int), "l2": (frame.b > 0.5).astype(int)}
    )
    return frames


def every_task() -> set[str]:
    """The names of all tasks that there are."""
    return {
        name
        for name, value in vars(tasks).items()
        if isinstance(value, type)
        and issubclass(value, tasks.Task)
        and value is not tasks.Task
    }


TASKS = ("Binary", "Multiclass", "Ordinal", "Regression", "Count", "MultiLabel")


@pytest.fixture(params=TASKS, scope="module")
def task_name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def table(task_name: str) -> tuple[pd.DataFrame, list[str]]:
    """A frame with features and target(s), and the names of the targets."""
    frame = signal()
    target = targets(frame)[task_name]
    return pd.concat([frame, target], axis=1), list(target.columns)


@pytest.fixture
def csv(table: tuple[pd.DataFrame, list[str]], tmp_path: Path) -> Path:
    path = tmp_path / "数据.csv"
    table[0].to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    features = signal()
    return pd.concat([features, targets(features)["Binary"]], axis=1)


@pytest.fixture(scope="module")
def whole(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of a tiny fit that was not interrupted."""
    folder = tmp_path_factory.mktemp("resume") / "whole"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", errors.DovetailWarning)
        dt.fit(frame, "y", out=folder, epochs=3, batch_size=32, folds=2)
    return folder


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress is told, and a checkpoint may be made, after each step."""
    monkeypatch.setattr(clock, "READ_EVERY_S", 0.0)
