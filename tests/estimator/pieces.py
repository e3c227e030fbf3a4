"""Fits that are interrupted at a chosen place, and how they are compared."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

import dovetail as dt
from dovetail import errors
from tests.estimator.conftest import signal as planted
from tests.estimator.conftest import targets

TINY = {"epochs": 3, "batch_size": 32, "folds": 2}


def after(calls: int, act: Callable[[], None]) -> Callable[[Any], None]:
    """A progress callback that acts at one call."""
    seen = 0

    def progress(_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == calls:
            act()

    return progress


def ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


class Killed(BaseException):
    """Ends a fit between two steps, with no checkpoint made for it.

    What was being written is still written; tests/cli/test_resume.py kills for real.
    """


def kill() -> None:
    raise Killed


def fit_in_pieces(
    calls: int, act: Callable[[], None], data: Any, target: Any, **options: Any
) -> int:
    """Fit, with an end after so many calls each time; how many ends there were."""
    for ends in range(1_000):
        try:
            dt.fit(
                data,
                target,
                resume=ends > 0,
                checkpoint_every=0,
                progress=after(calls, act),
                **options,
            )
        except (errors.Interrupted, Killed):
            continue
        return ends
    raise AssertionError("it never ends")


def same(one: Path, two: Path) -> bool:
    """Are all hashed files equal? The manifest holds their hashes."""
    for folder in (one, two):
        assert not folder.with_name(f"{folder.name}.checkpoints").exists()
        dt.load(folder)
    return (one / "manifest.json").read_bytes() == (two / "manifest.json").read_bytes()


def frame_of(task: str, rows: int = 240) -> pd.DataFrame:
    features = planted(rows)
    return pd.concat([features, targets(features)[task]], axis=1)


def newest(out: Path, run: str) -> Path:
    folder = out.with_name(f"{out.name}.checkpoints") / run
    return max(folder.iterdir())
