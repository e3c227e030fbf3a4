"""When a fit goes on, and when it is refused."""

import json
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from torch import nn

import dovetail as dt
from dovetail import errors
from dovetail.estimator import command
from dovetail.train import choices, threads
from dovetail.train.checkpoint import store
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


@pytest.mark.parametrize("there", ["empty", "damaged"])
def test_what_force_began_over_no_model_resume_ends(
    there: str, frame: pd.DataFrame, whole: Path, tmp_path: Path, every_step: None
) -> None:
    out = tmp_path / "m"
    if there == "empty":
        out.mkdir()
    else:
        shutil.copytree(whole, out)
        (out / "task.json").write_text("{}")
    with pytest.raises(errors.Interrupted):
        dt.fit(frame, "y", out=out, force=True, progress=after(9, ctrl_c), **TINY)
    dt.fit(frame, "y", out=out, resume=True, **TINY)
    assert same(out, whole)


@pytest.mark.parametrize("missing", ["fit", "command"])
def test_a_record_that_says_too_little_is_refused(
    missing: str, frame: pd.DataFrame, whole: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(whole, tmp_path / "m")
    record = json.loads((out / "run.json").read_bytes())
    del record[missing]
    (out / "run.json").write_text(json.dumps(record))
    with pytest.raises(errors.ConfigError, match="does not say which command made it"):
        dt.fit(frame, "y", out=out, resume=True, **TINY)


def test_an_empty_folder_is_no_fit_to_go_on_with(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "m").mkdir()
    with pytest.raises(errors.UsageError, match="nothing in it"):
        dt.fit(frame, "y", out=tmp_path / "m", resume=True, **TINY)


@pytest.mark.parametrize("how", ["resume", "force"])
def test_a_folder_that_is_no_model_is_never_replaced(
    how: str, frame: pd.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "thesis.txt").write_text("years of work")
    with pytest.raises(errors.UsageError, match="is never replaced") as caught:
        dt.fit(frame, "y", out=tmp_path / "m", **{how: True}, **TINY)
    assert "force" not in str(caught.value)


def test_a_model_that_is_done_stays_done_with_other_versions(
    frame: pd.DataFrame, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "__version__", "99.0")
    told: list[str] = []
    dt.fit(frame, "y", out=whole, resume=True, tell=told.append, **TINY)
    assert told == [f"This fit is done already; its model is in {whole}."]


def test_a_fit_does_not_go_on_with_other_versions(
    frame: pd.DataFrame, tmp_path: Path, every_step: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    line = {**TINY, "out": tmp_path / "m"}
    with pytest.raises(errors.Interrupted):
        dt.fit(frame, "y", progress=after(9, ctrl_c), **line)
    monkeypatch.setattr(command, "__version__", "99.0")
    with pytest.raises(
        errors.ConfigError, match=r"dovetail: .* before, 99\.0 now"
    ) as e:
        dt.fit(frame, "y", resume=True, **line)
    assert "install the versions of before" in str(e.value)


def test_later_folds_take_the_threads_of_before_on_another_machine(
    frame: pd.DataFrame, tmp_path: Path, every_step: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """All that torch may use; the sums of a step are split among them."""
    monkeypatch.setattr(choices, "PER_THREAD", 1.0)
    with threads(3):
        dt.fit(frame, "y", out=tmp_path / "whole", **TINY)
        with pytest.raises(errors.Interrupted):
            dt.fit(frame, "y", out=tmp_path / "m", progress=after(9, ctrl_c), **TINY)
    before = torch.get_num_threads()
    assert before != 3
    model = dt.fit(frame, "y", out=tmp_path / "m", resume=True, **TINY)
    assert model.config.threads == 3
    assert torch.get_num_threads() == before
    assert same(tmp_path / "m", tmp_path / "whole")


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
    write_folder = store.write_folder

    def slow(*args: Any, **how: Any) -> Any:
        time.sleep(0.3)
        return write_folder(*args, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "write_folder", slow)
        dt.fit(frame, "y", out=tmp_path / "m", keep_checkpoints=True, **TINY)
    folder = tmp_path / "m.checkpoints"
    assert not list(folder.rglob(".dovetail-*"))
    assert list(folder.glob("all/0*"))
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


def test_without_a_folder_the_defaults_can_be_said(frame: pd.DataFrame) -> None:
    said = {"resume": False, "keep_checkpoints": False, "checkpoint_every": 30}
    assert dt.fit(frame, "y", **said, **TINY).folder is None


def test_without_a_folder_no_signal_is_caught(frame: pd.DataFrame) -> None:
    before = signal.getsignal(signal.SIGINT)
    handlers = []
    dt.fit(
        frame, "y", progress=lambda _: handlers.append(signal.getsignal(signal.SIGINT)),
        **TINY,
    )  # fmt: skip
    assert set(handlers) == {before}
