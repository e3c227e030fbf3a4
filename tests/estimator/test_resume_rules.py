"""When a fit goes on, when it is refused, how it ends early or fails."""

import os
import signal
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


def test_a_fit_that_is_done_is_loaded_and_nothing_written(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    out = tmp_path / "m"
    first = dt.fit(frame, "y", out=out, **TINY).summary()
    before = {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in out.iterdir()}
    told: list[str] = []
    again = dt.fit(frame, "y", out=out, resume=True, tell=told.append, **TINY)
    assert told == [f"This fit is done already; its model is in {out}."]
    assert again.summary() == first
    after = {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in out.iterdir()}
    assert after == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m"]


def test_an_own_module_that_is_done(frame: pd.DataFrame, tmp_path: Path) -> None:
    line = {**TINY, "model": nn.Linear, "out": tmp_path / "m"}
    first = dt.fit(frame, "y", **line)
    again = dt.fit(frame, "y", resume=True, **line)
    assert again.raw(frame).equal(first.raw(frame))


def test_a_changed_command_is_refused_with_every_difference(
    frame: pd.DataFrame, tmp_path: Path, every_step: None
) -> None:
    line = {**TINY, "out": tmp_path / "m"}
    with pytest.raises(errors.Interrupted):
        dt.fit(frame, "y", lr=0.01, progress=after(9, ctrl_c), **line)
    with pytest.raises(errors.ConfigError) as caught:
        dt.fit(frame, "y", lr=0.02, precision="float32", resume=True, **line)
    assert "lr: 0.01 before, 0.02 now" in caught.value.message
    assert "precision: auto before, float32 now" in caught.value.message
    assert caught.value.message.count("before") == 2
    with pytest.raises(errors.ConfigError, match="the data: 240 rows before, 239 now"):
        dt.fit(frame[:-1], "y", lr=0.01, resume=True, **line)
    changed = frame.assign(a=frame.a.where(frame.a != frame.a[7], 0.0))
    with pytest.raises(errors.ConfigError, match="the data: other values now in a\n"):
        dt.fit(changed, "y", lr=0.01, resume=True, **line)
    more = {"task": "binary(head='softmax')", "optimizer": "sgd", "lr": 0.01}
    with pytest.raises(errors.ConfigError, match="optimizer: AdamW before, SGD now"):
        dt.fit(frame, "y", resume=True, **more, **line)
    dt.fit(frame, "y", lr=0.01, resume=True, time_limit=1e9, **line)


def test_the_model_of_another_command_is_refused(
    frame: pd.DataFrame, whole: Path, tmp_path: Path
) -> None:
    with pytest.raises(errors.ConfigError, match="seed: 0 before, 1 now"):
        dt.fit(frame, "y", out=whole, resume=True, seed=1, **TINY)
    dt.load(whole).save(tmp_path / "copy")
    with pytest.raises(errors.ConfigError, match="does not say which command made it"):
        dt.fit(frame, "y", out=tmp_path / "copy", resume=True, **TINY)


def test_where_nothing_was_begun_it_begins(
    frame: pd.DataFrame, whole: Path, tmp_path: Path
) -> None:
    told: list[str] = []
    dt.fit(frame, "y", out=tmp_path / "m", resume=True, tell=told.append, **TINY)
    assert told == ["There is no checkpoint yet: the fit starts at its beginning."]
    assert same(tmp_path / "m", whole)


def test_the_rules_of_resume_and_force(
    frame: pd.DataFrame, whole: Path, tmp_path: Path, every_step: None
) -> None:
    line = {**TINY, "out": tmp_path / "m"}
    with pytest.raises(errors.Interrupted):
        dt.fit(frame, "y", seed=1, progress=after(9, ctrl_c), **line)
    with pytest.raises(errors.UsageError) as caught:
        dt.fit(frame, "y", **line)
    assert "--resume" in str(caught.value)
    assert "--force" in str(caught.value)
    with pytest.raises(errors.UsageError, match="Both"):
        dt.fit(frame, "y", resume=True, force=True, **line)
    dt.fit(frame, "y", force=True, **line)  # anew, whatever the command was
    assert same(tmp_path / "m", whole)


def test_what_force_began_resume_ends(
    frame: pd.DataFrame, whole: Path, tmp_path: Path, every_step: None
) -> None:
    """The model that is to be replaced is no proof that the fit is done."""
    line = {**TINY, "out": tmp_path / "m"}
    dt.fit(frame, "y", time_limit=1e-6, **line)
    assert not same(tmp_path / "m", whole)
    with pytest.raises(errors.Interrupted):
        dt.fit(frame, "y", force=True, progress=after(9, ctrl_c), **line)
    dt.fit(frame, "y", resume=True, **line)
    assert same(tmp_path / "m", whole)


def test_a_folder_of_somebody_else_is_not_touched(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    mine = tmp_path / "m.checkpoints" / "thesis.txt"
    mine.parent.mkdir()
    mine.write_text("years of work")
    for how in ({}, {"force": True}, {"resume": True}):
        with pytest.raises(errors.UsageError, match="in the way"):
            dt.fit(frame, "y", out=tmp_path / "m", **how, **TINY)
    assert mine.read_text() == "years of work"


def test_checkpoints_are_kept_on_request(
    frame: pd.DataFrame, whole: Path, tmp_path: Path
) -> None:
    dt.fit(frame, "y", out=tmp_path / "m", keep_checkpoints=True, **TINY)
    folder = tmp_path / "m.checkpoints"
    assert sorted(p.name for p in folder.iterdir()) == [
        "all", "command", "fold-1", "fold-2",
    ]  # fmt: skip
    dt.fit(frame, "y", out=tmp_path / "m", resume=True, **TINY)  # done; they go
    assert same(tmp_path / "m", whole)


def test_nothing_to_go_on_from_leaves_nothing(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    def refuse(inputs: int, outputs: int) -> nn.Module:
        return nn.Linear(inputs, outputs + 1)

    with pytest.raises(errors.ConfigError, match="shape"):
        dt.fit(frame, "y", model=refuse, out=tmp_path / "m", **TINY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["resume", "keep_checkpoints", "checkpoint_every"])
def test_without_a_folder_there_is_nothing_to_keep(
    option: str, frame: pd.DataFrame
) -> None:
    with pytest.raises(errors.ConfigError, match=option):
        dt.fit(frame, "y", **{option: 1}, **TINY)


def test_without_a_folder_no_signal_is_caught(frame: pd.DataFrame) -> None:
    before = signal.getsignal(signal.SIGINT)
    handlers = []
    dt.fit(
        frame, "y", progress=lambda _: handlers.append(signal.getsignal(signal.SIGINT)),
        **TINY,
    )  # fmt: skip
    assert set(handlers) == {before}


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
