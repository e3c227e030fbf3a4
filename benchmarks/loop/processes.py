"""Peers as processes: one that waits for orders, and one measured as a whole."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.loop.cases import Case
from benchmarks.loop.peers import PEERS

LONG = 10_000  # epochs of a run that is left after its first step


class UnavailableError(Exception):
    """The peer is not installed or cannot run here."""


class FailedError(Exception):
    """The peer broke off; the message holds what it said."""


@dataclass(frozen=True)
class Place:
    """Where rows stand, how many threads peers get (None: their default)."""

    rows: Path
    cache: Path
    threads: int | None

    def environment(self, name: str, cache: Path | None = None) -> dict[str, str]:
        """Of a peer's process; compiled code goes to ``cache`` and nowhere else."""
        cache = cache or self.cache
        env = {**os.environ, **PEERS[name].env}
        # As installed by pip; only what is run from a checkout would lack its bytecode.
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        env["TORCHINDUCTOR_CACHE_DIR"] = str(cache / "inductor")
        env["XDG_CACHE_HOME"] = str(cache)
        if self.threads is not None:
            for library in ("OMP", "MKL", "OPENBLAS"):
                env[f"{library}_NUM_THREADS"] = str(self.threads)
        return env

    def write(self, *cases: Case) -> None:
        """The rows of ``cases``, by another process.

        What a parent ever held counts as its children's peak memory.
        """
        module = [sys.executable, "-m", "benchmarks.loop.rows", str(self.rows)]
        subprocess.run([*module, *(c.to_text() for c in cases)], check=True)


class Worker:
    """A peer's process; it sleeps until it is asked."""

    def __init__(self, name: str, place: Place) -> None:
        self.name = name
        self._stderr = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.loop.worker", name, str(place.rows)],
            env=place.environment(name),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
        )

    def ask(self, **order: Any) -> dict[str, Any]:
        """Its answer to one order."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has left; its last line says why
        line = self._process.stdout.readline()
        if not line:
            self._stderr.seek(0)
            raise FailedError(f"no answer to {order}: {self._stderr.read()[-2_000:]}")
        answer: dict[str, Any] = json.loads(line)
        if "unavailable" in answer:
            raise UnavailableError(answer["unavailable"])
        if "error" in answer:
            raise FailedError(answer["error"])
        return answer

    def prepare(self, case: Case, seed: int) -> None:
        self.ask(case=json.loads(case.to_text()), seed=seed)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.kill()
        self._process.wait()
        self._stderr.close()


@dataclass(frozen=True)
class Cost:
    """Seconds and peak memory of a whole process."""

    seconds: float
    peak_mib: float


def once(
    name: str, place: Place, case: Case, epochs: int, cache: Path | None = None
) -> Cost:
    """A process from its start to its end."""
    return _timed(name, place, case, epochs, cache, first=False)


def first(name: str, place: Place, case: Case) -> float:
    """Seconds from a process's start to the end of its first epoch."""
    return _timed(name, place, case, LONG, None, first=True).seconds


def _timed(
    name: str, place: Place, case: Case, epochs: int, cache: Path | None, first: bool
) -> Cost:
    command = [sys.executable, "-m", "benchmarks.loop.once", name, str(place.rows)]
    command += [case.to_text(), "0", str(epochs)] + ["--first"] * first
    with tempfile.TemporaryFile("w+", errors="replace") as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            env=place.environment(name, cache),
            stdout=subprocess.PIPE,
            stderr=stderr,
        )
        assert process.stdout is not None
        said = process.stdout.readline() if first else b""
        seconds = time.perf_counter() - start
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        if not first:
            seconds = time.perf_counter() - start
        if process.returncode or (first and said != b"first\n"):
            stderr.seek(0)
            raise FailedError(
                f"left with {process.returncode}: {stderr.read()[-2000:]}"
            )
    return Cost(seconds, usage.ru_maxrss / 1024)
