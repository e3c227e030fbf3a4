"""Talk and progress on stderr: a bar on a terminal, few lines elsewhere."""

import io
import itertools
import re
import sys
from types import SimpleNamespace

import pytest

from dovetail.cli import _talk

FIT = ("fit", "d.csv", "--target", "y")


def _report(step, *, value=None, best=None, fold=None, doing="training"):
    return SimpleNamespace(
        fold=fold,
        folds=5 if fold else None,
        epoch=1 + step // 10,
        epochs=4,
        step=step,
        steps=40,
        loss=1 / (1 + step),
        rows_per_s=12_345.6,
        eta_s=75.2,
        metric="log_loss",
        value=value,
        best=best,
        doing=doing,
    )


def test_a_line_says_where_training_stands():
    line = _talk.in_words(_report(19, value=0.25, best=0.2, fold=2))
    assert line == (
        "fold 2/5 (1:15 left)  epoch 2/4  loss 0.05  log_loss 0.25 (best 0.2)  "
        "12,346 rows/s"
    )
    line = _talk.in_words(_report(1))
    assert line == "epoch 1/4 (1:15 left)  loss 0.5  12,346 rows/s"
    assert "log_loss best 0.2" in _talk.in_words(_report(1, best=0.2))


def test_a_pause_is_announced_however_lately_something_was_said(
    run, estimator, here, monkeypatch
):
    monkeypatch.setattr(_talk, "monotonic", lambda: 0.0)
    estimator.reports = (_report(1), _report(2, doing="compiling"), _report(3))
    told = [line for line in run(*FIT).err.splitlines() if line.startswith("epoch")]
    assert told[0] == (
        "epoch 1/4  compiling the training step (up to a minute, kept for the next "
        "time)"
    )
    assert len(told) == 2  # and where training ended


def test_a_fit_that_ended_in_a_pause_says_where_training_stood(run, estimator, here):
    estimator.reports = (_report(2, doing="compiling"),)
    estimator.error = KeyboardInterrupt()
    *_, ended = [line for line in run(*FIT).err.splitlines() if "epoch" in line]
    assert ended.startswith("epoch 1/4  loss 0.3333")
    no_reading = _report(2, doing="compiling")
    no_reading.loss, no_reading.rows_per_s = float("nan"), 0.0
    assert _talk.in_words(no_reading, ended=True) == "epoch 1/4"


@pytest.mark.parametrize(("seconds", "lines"), [(0.01, 1), (1.0, 9)])
def test_elsewhere_a_line_every_few_seconds_and_one_at_the_end(
    seconds, lines, run, estimator, here, monkeypatch
):
    clock = (i * seconds for i in itertools.count())
    monkeypatch.setattr(_talk, "monotonic", lambda: next(clock))
    estimator.reports = tuple(_report(step) for step in range(40))
    result = run(*FIT)
    told = [line for line in result.err.splitlines() if line.startswith("epoch")]
    # A line asks the clock once more: at 1 s one report in five, later four, is told.
    assert len(told) == pytest.approx(lines, abs=2 if lines > 1 else 0)
    assert told[-1].startswith("epoch 4/4  loss 0.025")
    assert "left" not in told[-1]
    assert "\x1b" not in result.err
    assert "\r" not in result.err


def test_quiet_says_nothing(run, estimator, here):
    estimator.reports = (_report(1), _report(39))
    result = run(*FIT, "--quiet")
    assert result.err == ""
    assert result.out


class _Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("no_color", [False, True])
def test_on_a_terminal_a_bar_that_goes_away(
    no_color, run, estimator, here, monkeypatch
):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    clock = itertools.count()
    monkeypatch.setattr(_talk, "monotonic", lambda: next(clock))
    estimator.reports = tuple(_report(s, best=0.2) for s in range(1, 41))
    assert run(*FIT).code == 0
    shown = terminal.getvalue()
    assert "━" in shown
    assert "epoch 4/4 (1:15 left)" in shown
    assert "log_loss best 0.2" in shown
    assert bool(re.search(r"\x1b\[\d+m", shown)) is not no_color
    assert shown.endswith("rows/s\n")  # one line stays


def test_a_dumb_terminal_gets_lines(run, estimator, here, monkeypatch):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "dumb")
    estimator.reports = (_report(39),)
    assert run(*FIT).code == 0
    assert "\x1b" not in terminal.getvalue()


def test_a_reader_of_talk_that_left_does_not_stop_the_fit(
    run, estimator, here, monkeypatch
):
    class Gone(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())
    estimator.reports = (_report(39),)
    result = run(*FIT)
    assert result.code == 0
    assert "Binary for income" in result.out
