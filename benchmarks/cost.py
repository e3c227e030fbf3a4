"""How the cost of a training grows with rows, columns, width, classes, epochs.

    python -m benchmarks.cost [--rounds 5] [--out docs/cost.json]

Each is doubled three times. Seconds of ``train`` on the network for tables (eager,
float32, one thread, so that no rule changes its choice on the way), and of a whole
``dovetail.fit`` of a frame in memory. Every setting is run once a round, in turn; the
exponent is the slope of log2(median seconds) over log2(size): 1 is linear.
"""

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

import dovetail
from benchmarks.environment import code, environment
from dovetail import heads, losses, optim, train
from dovetail.backbones import Network, Tabular, TabularShape

DOUBLINGS = 3


@dataclass(frozen=True)
class Size:
    """What is doubled, one at a time."""

    rows: int = 16_384
    columns: int = 16
    width: int = 128
    classes: int = 4
    epochs: int = 2


BASE = Size()
OF_FIT = ("rows", "columns", "classes", "epochs")  # width follows from the rows there


def data(size: Size) -> tuple[np.ndarray, np.ndarray]:
    """Standard normal numbers; the class is the place of a noisy sum among its
    quantiles, so that every class occurs."""
    stream = np.random.default_rng(0)
    numbers = stream.normal(size=(size.rows, size.columns)).astype(np.float32)
    score = numbers[:, :4].sum(1) + stream.normal(size=size.rows)
    levels = np.quantile(score, np.linspace(0, 1, size.classes + 1)[1:-1])
    return numbers, np.searchsorted(levels, score)


def train_s(size: Size) -> float:
    """Seconds of the training loop alone."""
    numbers, target = data(size)
    x = torch.from_numpy(numbers)
    shape, edges = TabularShape.for_data(x, ())
    shape = replace(shape, width=size.width, embedding=8)
    torch.manual_seed(0)
    head = heads.linear(size.width, torch.zeros(size.classes))
    network = Network(Tabular(shape, edges), head)
    none = torch.zeros(size.rows, 0, dtype=torch.int64)
    rows = train.Rows(x, none, torch.from_numpy(target))
    plan = train.Plan(
        epochs=size.epochs, batch_size=256, seed=0, patience=99, average=True,
        clip=1.0, precision="float32", compiled=False, threads=1,
    )  # fmt: skip
    start = time.perf_counter()
    train.train(network, losses.SoftmaxCrossEntropy(), optim.AdamW(), rows, plan)
    return time.perf_counter() - start


def fit_s(size: Size) -> float:
    """Seconds of a whole fit, from a frame in memory to a scored model."""
    numbers, target = data(size)
    frame = {f"x{j}": column for j, column in enumerate(numbers.T)}
    frame["y"] = np.array([f"class {k}" for k in range(size.classes)])[target]
    start = time.perf_counter()
    model = dovetail.fit(
        frame, "y", task="multiclass", epochs=size.epochs, batch_size=256,
        patience=size.epochs, precision="float32", compiled=False, threads=1,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    if len(model.history) != size.epochs:
        raise SystemExit(f"{size} ended early, after {len(model.history)} epochs.")
    return seconds


def measured(
    what: Callable[[Size], float], names: tuple[str, ...], rounds: int
) -> dict[str, Any]:
    """Seconds at each size, and the exponent, for each name."""
    sizes = {
        name: [
            replace(BASE, **{name: getattr(BASE, name) * 2**power})
            for power in range(DOUBLINGS + 1)
        ]
        for name in names
    }
    seconds: dict[str, list[list[float]]] = {
        name: [[] for _ in of_name] for name, of_name in sizes.items()
    }
    what(BASE)  # warm
    for _ in range(rounds):
        for name, of_name in sizes.items():
            for place, size in enumerate(of_name):
                seconds[name][place].append(what(size))
    found = {}
    for name, of_name in sizes.items():
        medians = [statistics.median(s) for s in seconds[name]]
        slope = np.polyfit(range(len(medians)), [math.log2(s) for s in medians], 1)[0]
        found[name] = {
            "sizes": [getattr(size, name) for size in of_name],
            "seconds": seconds[name],
            "medians": medians,
            "exponent": float(slope),
        }
    return found


def table(document: dict[str, Any]) -> str:
    """Markdown for docs/benchmarks.md."""
    lines = [
        "| of | doubled | sizes | median s | exponent |",
        "| --- | --- | --- | --- | --- |",
    ]
    for of in ("train", "fit"):
        for name, one in document[of].items():
            sizes = ", ".join(f"{size:,}" for size in one["sizes"])
            medians = ", ".join(f"{s:.2f}" for s in one["medians"])
            lines.append(
                f"| {of} | {name} | {sizes} | {medians} | {one['exponent']:.2f} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    said = parser.parse_args()
    document = {
        **environment(),
        "code": code(),
        "rounds": said.rounds,
        "base": vars(BASE),
        "train": measured(train_s, tuple(vars(BASE)), said.rounds),
        "fit": measured(fit_s, OF_FIT, said.rounds),
    }
    if said.out is not None:
        said.out.write_text(json.dumps(document, indent=2) + "\n")
    print(table(document))


if __name__ == "__main__":
    main()
