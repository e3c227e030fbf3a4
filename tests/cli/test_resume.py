"""``fit`` is killed, interrupted and goes on; short here, long in make torture.

Killed are fits of every task there is, of one member and of two, with and without
something at ``--out`` that ``--force`` may replace.
"""

import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, final

import numpy as np
import pytest

from dovetail.cli.fit import resuming
from dovetail.errors import Interrupted
from dovetail.train.checkpoint.points import POINTS
from tests.estimator.conftest import every_task, targets
from tests.estimator.conftest import signal as features
from tests.train.conftest import SEED, Torture

ROOT = Path(__file__).parents[2]
PATHS = os.pathsep.join([str(ROOT / "src"), str(ROOT)])  # this checkout, first
SMALL = "--epochs 5 --batch-size 16 --folds 2 --set checkpoint_every=0"
LINE = shlex.split(f"fit d.csv --target y {SMALL}")
TARGETS = targets(features(100))  # of each task


@final
@dataclass(frozen=True)
class Fit:
    """A fit to kill; ``over`` is what stands at its --out: "", "nothing", "model"."""

    task: str
    members: int
    over: str

    @property
    def line(self) -> list[str]:
        names = " ".join(TARGETS[self.task].columns)
        what = f"fit {self.task}.csv --target {names} --task {self.task}"
        return shlex.split(f"{what} {SMALL} members={self.members}")


def _fits() -> list[Fit]:
    """Every kind of fit, in an order of the seed; each has another task and kind."""
    tasks = sorted(TARGETS)
    kinds = list(product((1, 2), ("", "nothing", "model")))
    rng = random.Random(SEED)
    rng.shuffle(tasks)
    rng.shuffle(kinds)
    return [
        Fit(task, *kinds[(turn + number) % len(kinds)])
        for turn in range(len(kinds))
        for number, task in enumerate(tasks)
    ]


FITS = _fits()


@final
@dataclass
class Ended:
    code: int
    err: str
    seconds: float


@final
class Server:
    """Forks a process for each command line; all work in one folder."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.cli.fit_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": PATHS},
        )

    def run(
        self,
        *line: str,
        send: int | None = None,
        once: str = "",
        delay_s: float = 0.0,
        kill_at: str | None = None,
    ) -> Ended:
        job = {
            "line": line, "send": send, "once": once, "delay_s": delay_s,
            "kill_at": kill_at,
        }  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return Ended(answer["ended"], answer["said"], answer["seconds"])

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data: a hundred rows with a signal."""
    folder = tmp_path_factory.mktemp("resume")
    rng = np.random.default_rng(0)
    a, b, noise = rng.normal(size=(3, 100))
    rows = np.column_stack([a, b, 2 * a + noise / 3])
    lines = [",".join(f"{cell:.4f}" for cell in row) for row in rows]
    (folder / "d.csv").write_text("\n".join(["a,b,y", *lines]) + "\n")
    for task, target in TARGETS.items():
        features(100).join(target).to_csv(folder / f"{task}.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[Server]:
    server = Server(place)
    yield server
    server.close()


@pytest.fixture(scope="module")
def whole(server: Server, place: Path) -> float:
    """A fit that is not interrupted, in ``whole``; the seconds it takes."""
    ended = server.run(*LINE, "--out", "whole")
    assert ended.code == 0, ended.err
    return server.run(*LINE, "--out", "again").seconds


def manifest(folder: Path) -> bytes:
    """That of a model, which holds the hashes of its files; b"" where there is none."""
    path = folder / "manifest.json"
    return path.read_bytes() if path.exists() else b""


def same(place: Path, name: str, like: str = "whole") -> bool:
    """Is every hashed file of a model that of the fit that was not interrupted?"""
    assert not (place / f"{name}.checkpoints").exists()
    assert not list(place.glob(".dovetail-*"))
    return manifest(place / name) == manifest(place / like) != b""


@final
class Killed:
    """A fit that is killed and goes on, in a folder of its own."""

    def __init__(self, fit: Fit, server: Server, place: Path, name: str) -> None:
        self._server, self._place, self._name = server, place, name
        self._line = [*fit.line, "--out", name]
        self.like = f"whole {fit.task} {fit.members}"
        if not (place / self.like).exists():
            ended = server.run(*fit.line, "--out", self.like)
            assert ended.code == 0, ended.err
        if fit.over == "nothing":
            (place / name).mkdir()
        elif fit.over == "model":
            shutil.copytree(place / "whole", place / name)
        self._before = manifest(place / name)
        self._first = ["--force"] if fit.over else []
        self._more = self._first

    def run(self, **kill: Any) -> bool:
        """Is the fit done? Else it was killed, and the next call goes on."""
        ended = self._server.run(*self._line, *self._more, **kill)
        if ended.code == 0:
            assert same(self._place, self._name, self.like), self.like
            return True
        assert ended.code == -signal.SIGKILL, (self._line, kill, ended.err)
        state = self._place / f"{self._name}.checkpoints" / "command"
        begun = state.exists() or manifest(self._place / self._name) != self._before
        # With nothing begun, --force is still to be said.
        self._more = ["--resume"] if begun or not self._first else self._first
        return False


def test_every_task_there_is_is_killed() -> None:
    missing = every_task() - {fit.task for fit in FITS}
    assert not missing, f"no target for {missing} in tests/estimator/conftest.py"


def test_the_same_command_twice_gives_the_same_bytes(whole: float, place: Path) -> None:
    assert same(place, "again")


@pytest.mark.torture
def test_killed_at_any_instant_it_ends_as_if_it_had_not_been(
    server: Server, whole: float, place: Path, torture: Torture
) -> None:
    wanted, results = torture.count(short=2, long=200), torture.count(short=2, long=200)
    kills = fits = 0
    while kills < wanted or fits < results:
        fit = Killed(FITS[fits % len(FITS)], server, place, f"killed{fits}")
        fits, send = fits + 1, signal.SIGKILL
        while not fit.run(send=send, delay_s=torture.rng.uniform(0.0, whole)):
            kills += 1
            again = torture.rng.random() < 0.3  # on its way to the end
            send = signal.SIGKILL if again else None
    torture.say(f"{kills} kills of {fits} fits, {fits} results bit for bit the same")


@pytest.mark.torture
def test_killed_at_each_point_of_saving(
    server: Server, whole: float, place: Path, torture: Torture
) -> None:
    times = torture.count(short=1, long=10)
    to_come = list(POINTS) * times
    torture.rng.shuffle(to_come)
    fits = 0
    while to_come:
        fit = Killed(FITS[fits % len(FITS)], server, place, f"point{fits}")
        fits += 1
        while True:
            point = f"{to_come[-1]}:{torture.rng.randint(1, 3)}" if to_come else None
            if fit.run(kill_at=point):  # done before it came to that point
                break
            to_come.pop()
    torture.say(f"{len(POINTS)} points of saving, {times} times each, in {fits} fits")


@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_signal_saves_and_prints_the_command_that_goes_on(
    sent: int, code: int, server: Server, whole: float, place: Path
) -> None:
    rng = random.Random(f"{sent}")
    interrupted = 0
    for attempt in range(10):  # on a busy machine a signal may come when all is done
        name = f"of signal {sent} {attempt}"
        first = [*LINE, "--out", name]
        line, once = first, f"{name}.checkpoints/fold-1"
        while True:
            send = None if interrupted == 3 else sent
            ended = server.run(
                *line, send=send, once=once, delay_s=rng.uniform(0.0, 0.1)
            )
            if ended.code == 0:
                break
            assert ended.code == code, ended.err
            assert not (place / name).exists()
            *_, said, command = ended.err.splitlines()
            by = "Ctrl-C" if code == 130 else "SIGTERM"
            assert said.startswith(f"Interrupted by {by}")
            assert said.endswith("The run is saved; go on with:")
            assert "Error" not in ended.err
            program, *line = shlex.split(command)
            assert program == "dovetail"
            assert line == [*first, "--resume"]
            interrupted, once = interrupted + 1, "Going on from the checkpoints"
        assert same(place, name)
        if interrupted:
            return
    raise AssertionError("never interrupted")


def test_done_changed_and_in_the_way(
    server: Server, whole: float, place: Path, run: Any, monkeypatch: Any
) -> None:
    monkeypatch.chdir(place)
    first = run(*LINE, "--out", "m", "--json")
    again = run(*LINE, "--out", "m", "--json", "--resume")
    assert (again.code, again.document) == (0, first.document)
    assert "This fit is done already; its model is in m." in again.err
    assert "Regression for y" in run(*LINE, "--out", "m", "--resume").out
    changed = run(*LINE, "--out", "m", "--resume", "--lr", "0.5")
    assert changed.code == 4
    assert "\n  lr: 0.002 before, 0.5 now\n" in changed.err
    server.run(*LINE, "--out", "n", kill_at="before-prune:3")
    before = sorted((place / "n.checkpoints").rglob("*"))
    blocked = run(*LINE, "--out", "n")
    assert blocked.code == 2
    assert "--resume" in blocked.err
    assert "--force" in blocked.err
    assert run(*LINE, "--out", "n", "--resume", "--force").code == 2
    assert run(*LINE, "--out", "n", "--resume", "--seed", "3").code == 4
    assert sorted((place / "n.checkpoints").rglob("*")) == before
    assert run(*LINE, "--out", "n", "--force").code == 0
    assert same(place, "n")


def test_a_damaged_checkpoint_is_one_line(
    server: Server, whole: float, place: Path, run: Any, monkeypatch: Any
) -> None:
    monkeypatch.chdir(place)
    server.run(*LINE, "--out", "d", kill_at="before-prune:5")
    damaged = max((place / "d.checkpoints" / "fold-1").glob("0*")) / "state.json"
    damaged.write_bytes(b"")
    result = run(*LINE, "--out", "d", "--resume")
    assert result.code == 0, result.err
    [told] = [line for line in result.err.splitlines() if "passed over" in line]
    assert "state.json" in told
    assert same(place, "d")


def test_a_time_limit_is_told(place: Path, run: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(place)
    line = [*LINE, "--out", "t", "--time-limit", "0.001"]
    document = run(*line, "--json").document
    assert document["stopped"] == "time"
    result = run(*line, "--force")
    assert result.code == 0
    assert "(stopped: time)" in result.out
    assert run(*LINE, "--time-limit", "0").code == 4


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_is_one_message_and_no_error(
    sent: signal.Signals, run: Any, estimator: Any, here: Path
) -> None:
    estimator.error = Interrupted(sent, saved=True)
    result = run("fit", "my d.csv", "--target", "y", "--quiet", "--force")
    assert result.code == 128 + sent
    by = "Ctrl-C" if sent == signal.SIGINT else "SIGTERM"
    assert result.err == (
        f"Interrupted by {by}. The run is saved; go on with:\n"
        "  dovetail fit 'my d.csv' --target y --quiet --resume\n"
    )
    assert result.out == ""


def test_interrupted_before_anything_is_saved(
    run: Any, estimator: Any, here: Path
) -> None:
    estimator.error = KeyboardInterrupt()
    line = ("fit", "d.csv", "--target", "y", "--out", "m")
    assert "--resume" not in run(*line).err
    (here / "m.checkpoints").mkdir()  # of the fit that was to go on
    assert run(*line, "--resume").err.endswith("--out m --resume\n")


@pytest.mark.parametrize("out", [".", "a/.."])
def test_a_folder_that_is_named_by_dots_is_found_too(
    out: str, run: Any, estimator: Any, here: Path, monkeypatch: Any
) -> None:
    (here / "b" / "a").mkdir(parents=True)
    (here / "b.checkpoints").mkdir()
    monkeypatch.chdir(here / "b")
    estimator.error = KeyboardInterrupt()
    result = run("fit", "d.csv", "--target", "y", "--out", out, "--resume")
    assert result.err.endswith(f"--out {out} --resume\n")


def test_the_command_that_goes_on() -> None:
    assert resuming(["fit", "d.csv", "--target", "a b", "--", "x"]) == (
        "dovetail fit d.csv --target 'a b' --resume -- x"
    )
    assert resuming(["fit", "d.csv", "--resume", "--force", "--target=y"]) == (
        "dovetail fit d.csv --target=y --resume"
    )
    assert resuming(["fit", "d.csv", "--set", "force=yes"], anew=True) == (
        "dovetail fit d.csv --set force=yes --resume --set=force=false"
    )
