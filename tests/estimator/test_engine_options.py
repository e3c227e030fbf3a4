"""Options of the engine: checked, handed on, and told of in the model."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dovetail as dt
from dovetail import errors
from dovetail.estimator import Config
from dovetail.estimator.options import checked

pytestmark = pytest.mark.filterwarnings("ignore:The model is no better")

TINY = {"epochs": 2, "batch_size": 64, "folds": 2}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time_limit", 0), ("time_limit", -1.0), ("time_limit", float("nan")),
        ("time_limit", float("inf")), ("checkpoint_every", -1),
        ("checkpoint_every", float("nan")), ("threads", 0), ("threads", 1.5),
        ("micro_batch", 0), ("precision", "float16"), ("precision", 16),
        ("compiled", "perhaps"), ("resume", "perhaps"), ("patience", 0),
        ("patience", 2.5), ("clip", 0), ("clip", -1.0), ("clip", float("nan")),
        ("average", "perhaps"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(name: str, value: Any) -> None:
    with pytest.raises(errors.ConfigError, match=f"^{name} is ") as caught:
        checked({name: value})
    assert caught.value.fix


def test_choices_that_exclude_each_other(frame: pd.DataFrame) -> None:
    with pytest.raises(errors.ConfigError, match="compiled and micro_batch"):
        dt.fit(frame, "y", compiled=True, micro_batch=8)
    with pytest.raises(errors.ConfigError, match="LBFGS cannot be compiled"):
        dt.fit(frame, "y", compiled=True, optimizer="lbfgs")


def test_options_that_an_optimizer_leaves_no_room_for(frame: pd.DataFrame) -> None:
    for optimizer, option in (
        ("lbfgs", {"clip": 1.0}), ("lbfgs", {"average": True}),
        ("schedule-free", {"average": True}),
    ):  # fmt: skip
        with pytest.raises(errors.ConfigError, match=f"^{next(iter(option))} was"):
            dt.plan(frame, "y", optimizer=optimizer, **option)
        dt.plan(frame, "y", optimizer=optimizer, average=False)


def test_a_precision_that_the_device_lacks_is_refused_before_training(
    frame: pd.DataFrame,
) -> None:
    with pytest.raises(errors.ConfigError, match="tf32, which cpu does not have"):
        dt.plan(frame, "y", precision="tf32", device="cpu")


def test_clip_average_and_patience_are_what_was_asked_for(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    said = {"clip": 0.01, "average": False, "patience": 1}
    model = dt.fit(frame, "y", out=tmp_path / "m", **said, **TINY)
    for config in (model.config, dt.load(tmp_path / "m").config):
        assert (config.clip, config.average, config.patience) == (0.01, False, 1)
    assert model.document["clipped"] == 1.0  # of the steps: such a norm is tiny
    plain = dt.fit(frame, "y", **TINY)
    assert (plain.config.clip, plain.config.average) == (None, True)
    assert plain.document["clipped"] == 0.0
    assert plain.raw(frame).ne(model.raw(frame)).any()


def test_infinity_takes_the_clipping_of_a_task_away(frame: pd.DataFrame) -> None:
    counts = frame.assign(y=range(len(frame)))
    clips = [
        dt.plan(counts, "y", task="count", **said).config.clip
        for said in ({}, {"clip": math.inf}, {"optimizer": "lbfgs"})
    ]
    assert clips == [1.0, None, None]


def test_patience_ends_a_run(frame: pd.DataFrame) -> None:
    noise = frame.assign(y=np.random.default_rng(0).choice(["a", "b"], len(frame)))
    line = {"epochs": 40, "batch_size": 64, "folds": 2, "lr": 0.05}
    short, long = (dt.fit(noise, "y", patience=n, **line) for n in (1, 12))
    assert short.document["epochs"] < long.document["epochs"] < 40


def test_the_config_says_what_was_used(frame: pd.DataFrame, tmp_path: Path) -> None:
    said = {"precision": "bfloat16", "micro_batch": 16, "threads": 1, "compiled": False}
    model = dt.fit(frame, "y", out=tmp_path / "m", **said, **TINY)
    for config in (model.config, dt.load(tmp_path / "m").config):
        assert (config.precision, config.micro_batch) == ("bfloat16", 16)
        assert (config.threads, config.compiled) == (1, 0)
    assert "bfloat16" in dict(model.chain)["Training"]
    chosen = dt.fit(frame, "y", **TINY).config
    assert chosen.precision == "float32"
    assert chosen.threads == 1
    assert "bfloat16" not in dict(dt.plan(frame, "y").chain)["Training"]


def test_a_config_of_before_these_options_is_read(frame: pd.DataFrame) -> None:
    document = dt.plan(frame, "y").config.model_dump(mode="json")
    for name in ("precision", "compiled", "threads", "micro_batch"):
        del document[name]
    old = Config(**document)
    assert (old.precision, old.compiled, old.threads) == ("float32", 0, None)


def test_what_the_loop_notes_stands_in_the_notes_once(
    frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dovetail.estimator import one_run

    train = one_run.train_members

    def noting(*args: Any, **how: Any) -> Any:
        [trained] = train(*args, **how)
        trained.notes.append("Memory was short.")
        return [trained]

    monkeypatch.setattr(one_run, "train_members", noting)
    model = dt.fit(frame, "y", **TINY)
    assert model.document["notes"].count("Memory was short.") == 1
    assert "Memory was short." in dict(model.chain)["Notes"]
