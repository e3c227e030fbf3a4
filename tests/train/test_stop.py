"""Ends before the last epoch: the clock, and signals."""

import inspect
import math
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import torch

from dovetail import losses, optim
from dovetail.errors import Interrupted
from dovetail.train import Checkpoints, Stop, train
from dovetail.train.stop import Cut
from tests.train.engine import SGD, loss_on, mlp, plan, rows, same_bits

SQUARED = losses.Squared()


def test_a_limit_of_nothing_makes_one_step_and_keeps_it() -> None:
    network, data = mlp(), rows()
    before = mlp()
    trained = train(
        network, SQUARED, SGD, data, plan(epochs=50), score=loss_on(network, data),
        metric="mse", stop=Stop(time_limit_s=0),
    )  # fmt: skip
    assert trained.stopped == "time"
    assert [line["step"] for line in trained.history] == [1]
    assert trained.best_epoch == 1
    assert trained.best_value == loss_on(network, data)()
    changed = zip(network.parameters(), before.parameters(), strict=True)
    assert any(not torch.equal(a, b) for a, b in changed)


def test_a_limit_in_the_last_epoch_is_a_limit_too() -> None:
    trained = train(mlp(), SQUARED, SGD, rows(), plan(epochs=1), stop=Stop(0))
    assert trained.stopped == "time"


def test_a_limit_that_is_not_reached_is_none() -> None:
    one, other = mlp(), mlp()
    trained = train(one, SQUARED, SGD, rows(), plan(), stop=Stop(1e6))
    train(other, SQUARED, SGD, rows(), plan())
    assert trained.stopped == "epochs"
    same_bits(one, other)


def test_the_best_epoch_comes_back_where_the_clock_ends_the_run() -> None:
    class Late:
        """Time is up when the third epoch has been scored."""

        signal, late, left_s = None, False, math.inf

    stop, network, kept, values = Late(), mlp(), [], iter([1.0, 3.0, 2.0])

    def score() -> float:
        kept.append(network.state_dict()["module.0.weight"].clone())
        stop.late = len(kept) == 3
        return next(values)

    trained = train(
        network, SQUARED, SGD, rows(), plan(epochs=50), score=score, stop=stop
    )
    assert (trained.stopped, trained.best_epoch, len(trained.history)) == ("time", 1, 3)
    assert torch.equal(network.state_dict()["module.0.weight"], kept[0])


def test_runs_share_what_is_left_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    stop = Stop(time_limit_s=90)
    stop.begin_run(3)  # a third of 90 s: until 130
    now = 129.0
    assert not stop.late
    assert stop.left_s == 1
    now = 130.5
    assert stop.late
    assert stop.left_s == 0
    now = 130.0
    stop.begin_run(2)  # half of 60 s: until 160
    now = 140.0
    assert not stop.late
    stop.begin_run(1)  # what the second left goes to the third: until 190
    now = 189.0
    assert not stop.late
    now = 190.0
    assert stop.late
    stop.begin_run(1)
    assert stop.late


def test_without_a_limit_it_is_never_late() -> None:
    stop = Stop()
    stop.begin_run(2)
    assert not stop.late
    assert stop.left_s == math.inf


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_noted_and_the_handlers_come_back(number: signal.Signals) -> None:
    before = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]
    stop = Stop()
    with stop.listening():
        assert stop.signal is None
        signal.raise_signal(number)
        assert stop.signal is number
    assert [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_after_its_step(number, tmp_path) -> None:
    stop, checkpoints = Stop(), Checkpoints(tmp_path)
    network, told = mlp(), []

    def score() -> float:
        os.kill(os.getpid(), number)
        return 1.0

    with stop.listening(), pytest.raises(Interrupted) as caught:
        train(
            network, SQUARED, optim.AdamW(), rows(), plan(), score=score,
            report=told.append, checkpoints=checkpoints, stop=stop,
        )  # fmt: skip
    assert caught.value.exit_code == 128 + number
    assert caught.value.saved
    saved = checkpoints.newest()
    assert (saved.document["epoch"], saved.document["place"]) == (1, 1)
    assert not network.training


def test_without_checkpoints_it_says_that_nothing_is_saved() -> None:
    stop = Stop()
    stop.signal = signal.SIGTERM
    with pytest.raises(Interrupted) as caught:
        train(mlp(), SQUARED, SGD, rows(), plan(), stop=stop)
    assert not caught.value.saved


def test_a_signal_cuts_off_what_may_be_cut_off_and_nothing_else() -> None:
    stop, done = Stop(), []

    def work() -> None:
        with stop.cutting():
            done.append("begun")
            signal.raise_signal(signal.SIGTERM)
            done.append("ended")

    with stop.listening():
        with pytest.raises(Cut):
            work()
        with pytest.raises(Cut):  # it came before
            work()
    assert done == ["begun"]
    assert stop.signal is signal.SIGTERM

    other = Stop()
    with other.listening():
        with other.cutting():
            done.append("whole")
        signal.raise_signal(signal.SIGTERM)
        done.append("after it")
    assert done == ["begun", "whole", "after it"]


TWICE = """
import os, runpy, signal, sys
Stop = runpy.run_path(sys.argv[2])["Stop"]  # torch would take seconds
number = signal.Signals(int(sys.argv[1]))
with Stop().listening():
    os.kill(os.getpid(), number)
    print("noted", flush=True)
    os.kill(os.getpid(), number)
    print("never", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_the_process_at_once(number: signal.Signals) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TWICE, str(int(number)), inspect.getfile(Stop)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "noted\n"
    assert done.returncode == -number
    assert done.stderr == ""


def test_in_another_thread_signals_are_left_alone() -> None:
    before, found = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with Stop().listening():
            found.append(signal.getsignal(signal.SIGINT))
            network = mlp()
            found.append(train(network, SQUARED, SGD, rows(), plan()).stopped)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [before, "epochs"]


def test_what_the_process_ignores_stays_ignored() -> None:
    """A shell lets ``command &`` ignore Ctrl-C, which is meant for another."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        stop = Stop()
        with stop.listening():
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGTERM)
        assert stop.signal is signal.SIGTERM
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
