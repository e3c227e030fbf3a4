"""Many spoilt files through readers and command line: ``make fuzz``.

    python -m tests.fuzz.run --cases 100000 --seed 0     what is wrong, and where
    python -m tests.fuzz.run --seed 0 --case 4711        one case again, with its file

A process of its own does the cases under a limit of memory; this one watches. A case
that takes too long, or ends the process, is noted and the next one goes on.
"""

import argparse
import os
import selectors
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.seeds import seeds
from tests.fuzz.spoil import case

CPU_SECONDS = 20.0  # for one case; the slowest take a tenth of one
# Without an answer, on however busy a machine; the first one waits for the libraries.
SECONDS = 300.0
ROOT = Path(__file__).parents[2]


def run(
    seed: int, first: int, last: int, tell: bool = False
) -> tuple[Counter[str], dict[int, str]]:
    """How the cases ended: counts by what and outcome, and those that ended wrong."""
    counts: Counter[str] = Counter()
    wrong: dict[int, str] = {}
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        make_model(Path(scratch))
        following = first
        while following < last:
            for number, how in _answers(seed, following, last, scratch):
                following = number + 1
                word = how.split(" ", 1)[0]
                counts[f"{case(seed, number).what}: {word}"] += 1
                if word == "WRONG":
                    wrong[number] = how
                    if tell:
                        print(f"case {number}: {how[:3000]}", flush=True)
                if tell and (number + 1) % 5000 == 0:
                    took = time.monotonic() - began
                    print(f"{number + 1} done, {len(wrong)} wrong, {took:.0f} s")
                    sys.stdout.flush()
    return counts, wrong


def _answers(
    seed: int, first: int, last: int, scratch: str
) -> Iterator[tuple[int, str]]:
    """Number and outcome of each case until the last, or one that ends the process."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.fuzz.worker"]
    paths = [
        str(ROOT / "src"),
        str(ROOT),
        *filter(None, os.environ.get("PYTHONPATH", "").split(":")),
    ]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": ":".join(paths)}
    at = first
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            [*command, str(seed), str(first), str(last)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=scratch,
            env=env,
        ) as worker,
        selectors.DefaultSelector() as selector,
    ):
        assert worker.stdout is not None
        pipe, buffer = worker.stdout.fileno(), b""
        selector.register(pipe, selectors.EVENT_READ)
        answered, used = time.monotonic(), float("inf")
        while True:
            if not selector.select(1.0):
                late = time.monotonic() - answered > SECONDS
                if late or _cpu_seconds(worker.pid) - used > CPU_SECONDS:
                    worker.kill()
                    yield at, f"WRONG no answer in {CPU_SECONDS:g} s of the processor"
                    return
                continue
            chunk = os.read(pipe, 1 << 16)
            if not chunk:
                break
            answered, used = time.monotonic(), _cpu_seconds(worker.pid)
            *lines, buffer = (buffer + chunk).split(b"\n")
            for line in lines:
                word, _, how = line.decode().partition(" ")
                at = int(word)
                if how:
                    yield at, how
                    at += 1
        code = worker.wait()
        if at < last:
            errors.seek(0)
            yield at, f"WRONG the process ended with {code}: {errors.read()[-2000:]!r}"


def _cpu_seconds(pid: int) -> float:
    """Time of the processor that a process has had."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def make_model(folder: Path) -> None:
    """A small model to predict with, trained on a seed as it is."""
    import dovetail as dt

    name, raw = seeds()[0]
    (folder / name).write_bytes(raw)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dt.errors.DovetailWarning)
        dt.fit(folder / name, "ok", epochs=1, folds=2, out=folder / "model")


def again(seed: int, number: int) -> None:
    """One case in this process; its file stays in the current folder."""
    from tests.fuzz.worker import outcome

    one = case(seed, number)
    if one.what == "predict" and not Path("model").exists():
        make_model(Path())
    print(one.what, one.name, one.reading, *one.line)
    print(outcome(one).encode().decode("unicode_escape", errors="replace"))
    Path(one.name).write_bytes(one.raw)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--case", type=int)
    given = parser.parse_args()
    if given.case is not None:
        again(given.seed, given.case)
    else:
        start = time.monotonic()
        found, bad = run(given.seed, given.first, given.first + given.cases, tell=True)
        for what, count in sorted(found.items()):
            print(f"{count:8,} {what}")
        seconds = time.monotonic() - start
        print(f"seed {given.seed}, {seconds:.0f} s, wrong: {sorted(bad) or 'none'}")
        sys.exit(1 if bad else 0)
