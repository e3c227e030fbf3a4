"""How a fit with a folder ends: by the time limit, by what goes wrong."""

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import dovetail as dt
from dovetail import errors
from dovetail._folder import write
from tests.estimator.pieces import (
    TINY,
    after,
    ctrl_c,
    same,
)

pytestmark = pytest.mark.filterwarnings("ignore:The model is no better")


# -- time limit -----------------------------------------------------------------------


@pytest.mark.parametrize("folds", [None, 3])
def test_a_time_limit_ends_in_good_order(
    folds: int | None, frame: pd.DataFrame, tmp_path: Path
) -> None:
    rest = {} if folds else {"valid": frame[100:150], "test": frame[150:]}
    model = dt.fit(
        frame, "y", out=tmp_path / "m", epochs=50, folds=folds, time_limit=1e-9, **rest
    )
    assert model.summary()["stopped"] == "time"
    assert dt.load(tmp_path / "m").document == model.document
    assert model.document["epochs"] == 1  # a step of it
    assert "the time limit ended it" in dict(model.chain)["Result"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m"]


def test_a_time_limit_that_is_not_met_changes_nothing(
    frame: pd.DataFrame, whole: Path, tmp_path: Path
) -> None:
    dt.fit(frame, "y", out=tmp_path / "m", time_limit=1e6, **TINY)
    assert same(tmp_path / "m", whole)


def test_a_time_limit_counts_the_calls_before(
    frame: pd.DataFrame, tmp_path: Path, every_step: None
) -> None:
    line = {**TINY, "epochs": 40, "out": tmp_path / "m", "time_limit": 60.0}
    with pytest.raises(errors.Interrupted):
        dt.fit(frame, "y", progress=after(9, ctrl_c), **line)
    spent = tmp_path / "m.checkpoints" / "command" / "run.json"
    assert 0 < json.loads(spent.read_bytes())["seconds"] < 60
    spent.write_text('{"seconds": 61.5}')
    model = dt.fit(frame, "y", resume=True, **line)
    assert model.summary()["stopped"] == "time"
    assert model.seconds is not None
    assert model.seconds > 61.5
    again = dt.fit(frame, "y", resume=True, **line)
    assert again.seconds == model.seconds


def test_seconds_that_cannot_be_read_are_none(
    frame: pd.DataFrame, whole: Path, tmp_path: Path, every_step: None
) -> None:
    line = {**TINY, "out": tmp_path / "m"}
    for text in ("", "[]", '{"seconds": "x"}'):
        with pytest.raises(errors.Interrupted):
            dt.fit(frame, "y", force=True, progress=after(9, ctrl_c), **line)
        (tmp_path / "m.checkpoints" / "command" / "run.json").write_text(text)
        dt.fit(frame, "y", resume=True, **line)
        assert same(tmp_path / "m", whole)


# -- what goes wrong ------------------------------------------------------------------


def test_a_folder_that_cannot_be_written_to(
    frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "write_file", full)
    with pytest.raises(errors.ResourceError, match="No space left"):
        dt.fit(frame, "y", out=tmp_path / "m", **TINY)
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(
    frame: pd.DataFrame, whole: Path, tmp_path: Path, every_step: None
) -> None:
    line = {**TINY, "out": tmp_path / "m", "checkpoint_every": 0}
    place = tmp_path / "m.checkpoints" / "fold-2"

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        when = after(21, lambda: patch.setattr(write, "write_file", full))
        with pytest.raises(errors.ResourceError, match="No space left") as caught:
            dt.fit(frame, "y", progress=when, **line)
    last = max(place.iterdir())
    assert f"The last good checkpoint is intact: {last}" in caught.value.message
    dt.fit(frame, "y", resume=True, **line)
    assert same(tmp_path / "m", whole)


def test_checkpoints_that_vanish_are_noticed(
    frame: pd.DataFrame, tmp_path: Path, every_step: None
) -> None:
    folder = tmp_path / "m.checkpoints"
    line = {**TINY, "epochs": 30, "out": tmp_path / "m", "checkpoint_every": 0}

    def vanish() -> None:
        while not list(folder.glob("fold-1/0*")):  # written in the background
            time.sleep(0.001)
        os.rename(folder, tmp_path / "elsewhere")

    with pytest.raises(errors.ResourceError, match=r"is gone|No such file"):
        dt.fit(frame, "y", progress=after(6, vanish), **line)


class Failing(nn.Module):
    """Gives no number for a row that stands far out, once it is trained."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layer = nn.Linear(inputs, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        far = (x > 2.0).any(1, keepdim=True) & self.training
        return self.layer(x).masked_fill(far, torch.nan)


def test_rows_of_a_loss_that_is_not_finite_are_those_of_the_file(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.uniform(-1, 1, 80), "y": rng.normal(size=80)})
    held_out = {"valid": frame[:40].copy(), "test": frame[:40].copy()}
    frame.loc[11, "y"] = np.nan  # set aside: the loop counts one less from here on
    frame.loc[56, "a"] = 1e9
    frame.to_csv(tmp_path / "d.csv", index=False)
    with pytest.raises(errors.NotFiniteError) as caught:
        dt.fit(
            tmp_path / "d.csv", "y", model=Failing, out=tmp_path / "m", epochs=2,
            batch_size=8, **held_out,
        )  # fmt: skip
    assert caught.value.rows == (57,)  # as the user counts: from 1
    assert caught.value.message.endswith("It came from data row 57 of d.csv.")
    assert "from 0" not in caught.value.message
    assert sorted(p.name for p in tmp_path.iterdir()) == ["d.csv"]
