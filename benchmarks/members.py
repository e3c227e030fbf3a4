"""36 members on digits as one program, against one after the other.

    python -m benchmarks.members [--hidden 20 256] [--rounds 5] [--out members.json]

3 losses x 3 optimizers x 4 learning rates train a network 64 - hidden - 10 on
scikit-learn's digits, batches of 32 and float32. One after the other is a tuned loop in
plain torch (slices of shuffled tensors, no syncs, fused or foreach optimizer, one
thread or torch's default, whichever is faster) and our own loop. All ways work once a
round, in turn. A figure is member-rows per second in steady state; what comes before,
and compiling among it, stands apart.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.environment import code, environment
from benchmarks.loop.ratios import turn
from dovetail import losses, optim, train
from dovetail.backbones import Flat

BATCH = 32
RATES = (0.3, 1.0, 3.0, 10.0)  # times the optimizer's usual one
BEFORE, STEADY = 3, 12  # epochs before, and in, what is measured


def brier(raw: Tensor, target: Tensor) -> Tensor:
    wanted = F.one_hot(target, raw.shape[1])
    return (raw.softmax(1) - wanted).square().sum(1)


def poly1(raw: Tensor, target: Tensor) -> Tensor:
    entropy = F.cross_entropy(raw, target, reduction="none")
    return entropy + 1 - torch.exp(-entropy)


LOSSES: tuple[losses.Loss, ...] = (
    losses.SoftmaxCrossEntropy(),
    losses.Custom(function=brier),
    losses.Custom(function=poly1),
)
# What someone writes by hand; the last two are written the same way there.
TORCH_LOSSES: tuple[Callable[[Tensor, Tensor], Tensor], ...] = (
    F.cross_entropy,
    lambda raw, target: brier(raw, target).mean(),
    lambda raw, target: poly1(raw, target).mean(),
)
FLAT = optim.Constant()
OPTIMIZERS: tuple[Callable[[float], optim.Spec], ...] = (
    lambda times: optim.SGD(lr=0.01 * times, momentum=0.9, schedule=FLAT),
    lambda times: optim.Adam(lr=0.001 * times, schedule=FLAT),
    lambda times: optim.RMSprop(lr=0.001 * times, schedule=FLAT),
)
# Fused where torch has it, else foreach: one call for all tensors.
TORCH_OPTIMIZERS: tuple[Callable[[Any, float], torch.optim.Optimizer], ...] = (
    lambda p, times: torch.optim.SGD(p, 0.01 * times, momentum=0.9, fused=True),
    lambda p, times: torch.optim.Adam(p, 0.001 * times, fused=True),
    lambda p, times: torch.optim.RMSprop(p, 0.001 * times, foreach=True),
)
MEMBERS = [
    (loss, optimizer, rate)
    for loss in range(len(LOSSES))
    for optimizer in range(len(OPTIMIZERS))
    for rate in RATES
]
Way = Callable[[int], tuple[float, float]]  # hidden -> seconds before, a steady epoch


def digits() -> tuple[Tensor, Tensor]:
    """(1797, 64) between 0 and 1, and the digit."""
    bunch = load_digits()
    return torch.from_numpy(bunch.data / 16).float(), torch.from_numpy(bunch.target)


def networks(hidden: int) -> Iterator[nn.Sequential]:
    for seed in range(len(MEMBERS)):
        torch.manual_seed(seed)
        yield nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10))


def by_hand(threads: int | None) -> Way:
    """One after the other, in plain torch."""

    def way(hidden: int) -> tuple[float, float]:
        before = steady = 0.0
        x, y = digits()
        known = torch.get_num_threads()
        torch.set_num_threads(threads or known)
        for network, (loss, optimizer, rate) in zip(
            networks(hidden), MEMBERS, strict=True
        ):
            start = time.perf_counter()
            update = TORCH_OPTIMIZERS[optimizer](network.parameters(), rate)
            for epoch in range(BEFORE + STEADY):
                if epoch == BEFORE:
                    began = time.perf_counter()
                order = torch.randperm(len(x))
                rows, target = x[order], y[order]
                total = torch.zeros(())
                for i in range(0, len(x), BATCH):
                    update.zero_grad(set_to_none=True)
                    raw = network(rows[i : i + BATCH])
                    value = TORCH_LOSSES[loss](raw, target[i : i + BATCH])
                    value.backward()  # type: ignore[no-untyped-call]
                    update.step()
                    total += value.detach()
                total.item()
            before += began - start
            steady += time.perf_counter() - began
        torch.set_num_threads(known)
        return before, steady / STEADY

    return way


def ours(*, together: bool, compiled: bool) -> Way:
    """The library's loop: all members in one program, or each alone."""

    def way(hidden: int) -> tuple[float, float]:
        x, y = digits()
        rows = train.Rows(x, torch.zeros(len(x), 0, dtype=torch.int64), y)
        plan = train.Plan(
            epochs=BEFORE + STEADY, batch_size=BATCH, seed=0, patience=999,
            precision="float32", compiled=compiled,
        )  # fmt: skip
        flats = [Flat(network, ()) for network in networks(hidden)]
        members = [
            (flat, LOSSES[loss], OPTIMIZERS[optimizer](rate))
            for flat, (loss, optimizer, rate) in zip(flats, MEMBERS, strict=True)
        ]
        packs = [members] if together else [[member] for member in members]
        before = steady = 0.0
        for pack in packs:
            ends = [time.perf_counter()]

            def tell(progress: train.Progress, ends: list[float] = ends) -> None:
                if progress.step >= len(ends) * (progress.steps // progress.epochs):
                    ends.append(time.perf_counter())

            found, loss, specs = zip(*pack, strict=True)
            train.train_members(found, loss, specs, rows, plan, report=tell)
            before += ends[BEFORE] - ends[0]
            steady += ends[-1] - ends[BEFORE]
        return before, steady / STEADY

    return way


WAYS: dict[str, Way] = {
    "tuned torch loop, one thread": by_hand(1),
    "tuned torch loop, torch's threads": by_hand(None),
    "dovetail, each alone, eager": ours(together=False, compiled=False),
    "dovetail, together, eager": ours(together=True, compiled=False),
    "dovetail, together, compiled": ours(together=True, compiled=True),
}
PEERS = [name for name in WAYS if name.startswith("tuned")]


def measured(hidden: int, rounds: int) -> dict[str, Any]:
    """Every way once a round; ratios to the faster of the tuned loops of that round."""
    before: dict[str, list[float]] = {name: [] for name in WAYS}
    epochs: dict[str, list[float]] = {name: [] for name in WAYS}
    for round_ in range(rounds):
        for name in turn(list(WAYS), round_):
            first, epoch = WAYS[name](hidden)
            before[name].append(first)
            epochs[name].append(epoch)
    best = [min(epochs[name][r] for name in PEERS) for r in range(rounds)]
    rows = len(MEMBERS) * len(digits()[0])
    return {
        name: {
            "member_rows_per_s": [rows / s for s in epochs[name]],
            "ratios": [b / s for b, s in zip(best, epochs[name], strict=True)],
            "seconds_before": before[name],
        }
        for name in WAYS
    }


def table(found: dict[str, dict[str, Any]]) -> str:
    """Markdown for docs/benchmarks.md."""
    lines = [
        f"| member-rows/s, tuned torch loop = 1 | {' | '.join(found)} |",
        f"| --- |{' --- |' * len(found)}",
    ]
    for name in WAYS:
        cells = []
        for of_hidden in found.values():
            ratios = of_hidden[name]["ratios"]
            cells.append(
                f"{statistics.median(ratios):.3g} "
                f"({min(ratios):.3g} to {max(ratios):.3g})"
            )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hidden", type=int, nargs="+", default=[20, 256])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    found = {f"hidden {h}": measured(h, given.rounds) for h in given.hidden}
    print(table(found))
    if given.out:
        document = {
            **environment(),
            "code": code(),
            "rounds": given.rounds,
            "members": len(MEMBERS),
            "batch": BATCH,
            "results": found,
        }
        given.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
