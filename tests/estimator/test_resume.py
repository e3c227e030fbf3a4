"""A fit that is interrupted and goes on is the fit that was not, byte for byte."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from torch import nn

import dovetail as dt
from dovetail import errors
from tests.estimator.conftest import QUICK, TASKS, every_task
from tests.estimator.pieces import (
    TINY,
    after,
    ctrl_c,
    fit_in_pieces,
    frame_of,
    kill,
    newest,
    same,
)

pytestmark = pytest.mark.filterwarnings("ignore:The model is no better")


def test_every_task_there_is_is_walked() -> None:
    assert every_task() == set(TASKS)


def test_every_task_with_folds(
    table: tuple[pd.DataFrame, list[str]],
    task_name: str,
    tmp_path: Path,
    every_step: None,
) -> None:
    frame, target = table
    options = {"task": task_name, **QUICK, "epochs": 3}
    dt.fit(frame, target, out=tmp_path / "whole", **options)
    ends = fit_in_pieces(18, ctrl_c, frame, target, out=tmp_path / "m", **options)
    assert ends >= 2
    assert same(tmp_path / "m", tmp_path / "whole")


def test_every_task_in_one_run(
    table: tuple[pd.DataFrame, list[str]],
    task_name: str,
    tmp_path: Path,
    every_step: None,
) -> None:
    frame, target = table
    options = {
        "task": task_name,
        "valid": frame[150:190],
        "test": frame[190:],
        "epochs": 3,
        "batch_size": 16,
    }
    dt.fit(frame[:150], target, out=tmp_path / "whole", **options)
    ends = fit_in_pieces(11, kill, frame[:150], target, out=tmp_path / "m", **options)
    assert ends >= 2
    assert same(tmp_path / "m", tmp_path / "whole")


# In a fold of 120 rows 4 steps and the end of an epoch, 3 times; at last 8 and one.
@pytest.mark.parametrize("calls", [1, 5, 15, 16, 39, 57])
def test_at_any_place(
    calls: int, frame: pd.DataFrame, whole: Path, tmp_path: Path, every_step: None
) -> None:
    out = tmp_path / "m"
    with pytest.raises(errors.Interrupted) as caught:
        dt.fit(frame, "y", out=out, progress=after(calls, ctrl_c), **TINY)
    assert (caught.value.saved, caught.value.exit_code) == (True, 130)
    assert not out.exists()
    told: list[str] = []
    dt.fit(frame, "y", out=out, resume=True, tell=told.append, **TINY)
    assert told == [f"Going on from the checkpoints in {out}.checkpoints."]
    assert same(out, whole)


@pytest.mark.parametrize("optimizer", ["schedule-free", torch.optim.Adamax])
def test_an_own_module_with_dropout_and_any_optimizer(
    optimizer: Any, tmp_path: Path, every_step: None
) -> None:
    def made(inputs: int, outputs: int) -> nn.Module:
        return nn.Sequential(
            nn.Linear(inputs, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.4),
            nn.Linear(16, outputs),
        )  # fmt: skip

    frame = frame_of("Regression", 200)
    options = {"model": made, "optimizer": optimizer, **TINY}
    dt.fit(frame, "y", out=tmp_path / "whole", **options)
    ends = fit_in_pieces(13, ctrl_c, frame, "y", out=tmp_path / "m", **options)
    assert ends >= 2
    manifests = [(tmp_path / n / "manifest.json").read_bytes() for n in ("m", "whole")]
    assert manifests[0] == manifests[1]


def test_finished_runs_are_not_trained_again(
    frame: pd.DataFrame, whole: Path, tmp_path: Path, every_step: None
) -> None:
    with pytest.raises(errors.Interrupted):  # in the second fold
        dt.fit(frame, "y", out=tmp_path / "m", progress=after(18, ctrl_c), **TINY)
    seen: list[Any] = []
    dt.fit(frame, "y", out=tmp_path / "m", resume=True, progress=seen.append, **TINY)
    assert {event.fold for event in seen} == {2, None}


def test_a_damaged_checkpoint_is_told_of_and_the_one_before_used(
    frame: pd.DataFrame, whole: Path, tmp_path: Path, every_step: None
) -> None:
    out = tmp_path / "m"
    line = {**TINY, "out": out, "checkpoint_every": 0}
    with pytest.raises(errors.Interrupted):
        dt.fit(frame, "y", progress=after(21, ctrl_c), **line)
    damaged = newest(out, "fold-2") / "state.json"
    damaged.write_bytes(damaged.read_bytes()[:-9])
    told: list[str] = []
    dt.fit(frame, "y", resume=True, tell=told.append, **line)
    assert len(told) == 2
    assert str(damaged.parent) in told[1]
    assert "state.json" in told[1]
    assert same(out, whole)


def test_without_a_listener_damage_is_a_warning(
    frame: pd.DataFrame, tmp_path: Path, every_step: None
) -> None:
    with pytest.raises(errors.Interrupted):
        dt.fit(frame, "y", out=tmp_path / "m", progress=after(3, ctrl_c), **TINY)
    (newest(tmp_path / "m", "fold-1") / "manifest.json").write_bytes(b"")
    with pytest.warns(errors.DovetailWarning, match="passed over"):
        dt.fit(frame, "y", out=tmp_path / "m", resume=True, **TINY)
