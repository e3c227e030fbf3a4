"""What is measured: each part takes one case and gives one JSON object.

speed     samples/s in the steady state, peers in turn, round by round
first     seconds of a process from its start to its first step done
memory    peak memory of a process that trains two epochs
quality   validation loss after equal steps from equal weights, over seeds
whole     seconds of runs of 5, 10, ... s of the naive loop's work: eager, compiled
          with an empty cache on disk, compiled with a full one
"""

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.loop import processes
from benchmarks.loop.cases import Case
from benchmarks.loop.processes import FailedError, Place, Worker
from benchmarks.loop.ratios import difference, ratio, spread, turn

BASE = "naive"
HAND = "hand"
EAGER, CHOSEN = "dovetail-eager", "dovetail"
NO_TRAINING = ("limit", "limit-bfloat16")
# Those that start from the same weights.
EQUAL = (
    "naive", "hand", "hand-bfloat16", "dovetail", "dovetail-eager",
    "dovetail-float32", "dovetail-bfloat16",
)  # fmt: skip
QUALITY_EPOCHS = 3
MEMORY_EPOCHS = 2


@dataclass
class Bench:
    """How to measure, and which peers broke off (by part, case and name)."""

    place: Place
    rounds: int
    seconds: float  # of work of each peer in a round
    whole: tuple[float, ...]  # seconds of the naive loop's work
    failed: dict[str, str] = field(default_factory=dict)

    def works(self, part: str, case: Case, name: str) -> bool:
        return f"{part} {case.name} {name}" not in self.failed

    @contextmanager
    def keeping(self, part: str, case: Case, name: str) -> Iterator[None]:
        """A peer that fails is named, loudly; the others go on."""
        try:
            yield
        except FailedError as error:
            self.fail(f"{part} {case.name} {name}", error)

    def fail(self, what: str, error: FailedError) -> None:
        self.failed[what] = str(error)
        print(f"FAILED {what}: {error}", file=sys.stderr, flush=True)


def speed(bench: Bench, case: Case, names: list[str]) -> dict[str, Any]:
    bench.place.write(case)
    workers: dict[str, Worker] = {}
    answers: dict[str, list[dict[str, Any]]] = {}
    before_s: dict[str, float] = {}
    epochs: dict[str, int] = {}
    losses: dict[str, float | None] = {}
    try:
        for name in names:
            with bench.keeping("speed", case, name):
                worker = workers[name] = Worker(name, bench.place)
                worker.prepare(case, seed=0)
                warm = worker.ask(epochs=1)
                before_s[name] = max(0.0, warm["first_s"] - warm["seconds"])
                epochs[name] = max(1, round(bench.seconds / warm["seconds"]))
                answers[name] = []
        for round_ in range(bench.rounds):
            for name in turn(list(answers), round_):
                if not bench.works("speed", case, name):
                    continue
                with bench.keeping("speed", case, name):
                    answers[name].append(workers[name].ask(epochs=epochs[name]))
        for name in answers:
            if not bench.works("speed", case, name):
                continue
            with bench.keeping("speed", case, name):
                losses[name] = workers[name].ask(loss=True)["loss"]
    finally:
        for worker in workers.values():
            worker.close()
    rates = {
        name: [case.rows * epochs[name] / answer["seconds"] for answer in answers[name]]
        for name in losses
    }
    return {
        **about(case),
        "peers": {
            name: {
                "samples_per_s": spread(rates[name]),
                **against(rates, name, BASE, "ratio"),
                **against(rates, name, HAND, "to_hand"),
                "before_steady_s": round(before_s[name], 3),
                "threads": answers[name][-1]["threads"],
                "epochs": epochs[name],
                "loss": loss,
            }
            for name, loss in losses.items()
        },
    }


def first(bench: Bench, case: Case, names: list[str]) -> dict[str, Any]:
    # An epoch of one step, so that its end is the first step's end for every peer.
    one = replace(case, steps=1)
    bench.place.write(one)
    seconds = in_turn(
        bench, "first", case, names, lambda n: processes.first(n, bench.place, one)
    )
    return {**about(case), "peers": compared(seconds, "seconds")}


def memory(bench: Bench, case: Case, names: list[str]) -> dict[str, Any]:
    bench.place.write(case)

    def peak(name: str) -> float:
        return processes.once(name, bench.place, case, MEMORY_EPOCHS).peak_mib

    peaks = in_turn(bench, "memory", case, names, peak)
    trained = {"steps_trained": MEMORY_EPOCHS * case.steps}
    return {**about(case), **trained, "peers": compared(peaks, "peak_mib")}


def quality(bench: Bench, case: Case, names: list[str]) -> dict[str, Any]:
    bench.place.write(case)
    losses: dict[str, list[float]] = {}
    for name in names:
        if name not in EQUAL:
            continue
        with bench.keeping("quality", case, name):
            worker = Worker(name, bench.place)
            try:
                values = []
                for seed in range(bench.rounds):
                    worker.prepare(case, seed)
                    worker.ask(epochs=QUALITY_EPOCHS - 1)  # it trains one more
                    values.append(worker.ask(loss=True)["loss"])
                losses[name] = values
            finally:
                worker.close()
    return {
        **about(case),
        "steps_trained": QUALITY_EPOCHS * case.steps,
        "peers": {
            name: {
                "loss": spread(values),
                **(
                    {"difference": difference(values, losses[BASE])}
                    if BASE in losses
                    else {}
                ),
            }
            for name, values in losses.items()
        },
    }


def whole(bench: Bench, case: Case, names: list[str]) -> dict[str, Any]:
    """Seconds of whole processes, without compilation, and with both caches."""
    bench.place.write(case)
    naive_epoch_s = pace(bench, case)
    runs = []
    with tempfile.TemporaryDirectory() as full:
        for work in bench.whole:
            epochs = max(1, round(work / naive_epoch_s))

            def seconds(kind: str, epochs: int = epochs) -> float:
                peer = EAGER if kind == "eager" else CHOSEN
                if kind == "full cache":
                    return processes.once(
                        peer, bench.place, case, epochs, Path(full)
                    ).seconds
                with tempfile.TemporaryDirectory() as empty:
                    return processes.once(
                        peer, bench.place, case, epochs, Path(empty)
                    ).seconds

            kinds = ["eager"] if EAGER in names else []
            kinds += ["empty cache", "full cache"] if CHOSEN in names else []
            # The first, not counted, fills the cache.
            found = in_turn(bench, "whole", case, kinds, seconds)
            runs.append(
                {
                    "naive_s": work,
                    "epochs": epochs,
                    "kinds": compared(found, "seconds", "eager"),
                }
            )
    return {**about(case), "runs": runs}


def pace(bench: Bench, case: Case) -> float:
    """Seconds of an epoch of the naive loop."""
    worker = Worker(BASE, bench.place)
    try:
        worker.prepare(case, seed=0)
        return float(worker.ask(epochs=3)["seconds"]) / 3
    finally:
        worker.close()


def in_turn(
    bench: Bench,
    part: str,
    case: Case,
    names: Iterable[str],
    measure: Callable[[str], float],
) -> dict[str, list[float]]:
    """Each name's values, interleaved; one before them warms disk and caches."""
    values: dict[str, list[float]] = {n: [] for n in names if n not in NO_TRAINING}
    for name in list(values):
        with bench.keeping(part, case, name):
            measure(name)
    for round_ in range(bench.rounds):
        for name in turn(list(values), round_):
            if not bench.works(part, case, name):
                continue
            with bench.keeping(part, case, name):
                values[name].append(measure(name))
    return {n: v for n, v in values.items() if len(v) == bench.rounds}


def compared(
    values: dict[str, list[float]], unit: str, base: str = BASE
) -> dict[str, Any]:
    return {
        name: {unit: spread(found), **against(values, name, base, "ratio")}
        for name, found in values.items()
    }


def against(
    values: dict[str, list[float]], name: str, base: str, key: str
) -> dict[str, Any]:
    """The ratio under ``key``; nothing where the base was not measured."""
    return {key: ratio(values[name], values[base])} if base in values else {}


def about(case: Case) -> dict[str, Any]:
    return {
        "case": case.name,
        "rows": case.rows,
        "steps": case.steps,
        "weights": case.weights,
    }


PARTS = {
    "speed": speed,
    "first": first,
    "memory": memory,
    "quality": quality,
    "whole": whole,
}
