"""The Markdown tables of docs/benchmarks.md from a results file.

    python -m benchmarks.loop.table docs/loop.json [--parts speed ladder ...]

A cell is a median (least to most of the rounds).
"""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.loop.cases import MAIN

Spread = dict[str, Any]


TITLES = {
    "naive": "tutorial loop",
    "hand": "hand-tuned eager",
    "hand-bfloat16": "hand-tuned eager, bfloat16",
    "compiled": "hand-tuned, step by torch.compile",
    "compiled-bfloat16": "hand-tuned, step by torch.compile, bfloat16",
    "dovetail": "**dovetail**, all by its own rules (eager: so few epochs)",
    "dovetail-eager": "**dovetail**, eager",
    "dovetail-float32": "**dovetail**, compiled",
    "dovetail-bfloat16": "**dovetail**, compiled, bfloat16",
    "fastai": "fastai",
    "lightning": "Lightning",
    "transformers": "Hugging Face Trainer",
    "keras-torch": "Keras on torch",
    "keras-jax": "Keras on JAX",
    "scikit-learn": "scikit-learn's MLP",
    "limit": "limit: matrix products alone",
    "limit-bfloat16": "limit: matrix products alone, bfloat16",
}


def number(value: float) -> str:
    """Three digits that count; thousands with commas.

    >>> number(2.3456), number(0.05), number(123456.0), number(-0.00012)
    ('2.35', '0.05', '123,456', '-0.00012')
    """
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def cell(spread: Spread | None) -> str:
    """A median and between what it lay.

    >>> cell({"median": 2.5, "least": 2.0, "most": 3.0}), cell(None)
    ('2.5 (2 to 3)', '')
    """
    if spread is None:
        return ""
    low, high = number(spread["least"]), number(spread["most"])
    return f"{number(spread['median'])} ({low} to {high})"


def rows(head: list[str], body: list[list[str]]) -> Iterator[str]:
    """
    >>> list(rows(["a", "b"], [["1", "2"]]))
    ['| a | b |', '| --- | --- |', '| 1 | 2 |']
    """
    for line in [head, ["---"] * len(head), *body]:
        yield f"| {' | '.join(line)} |"


def by_peer(
    results: list[dict[str, Any]], title: str, of: Callable[[dict[str, Any]], str]
) -> Iterator[str]:
    """A line for each peer, a column for each case."""
    names = list(dict.fromkeys(name for r in results for name in r["peers"]))
    yield from rows(
        [title, *(r["case"] for r in results)],
        [
            [
                TITLES.get(name, name),
                *(of(r["peers"][name]) if name in r["peers"] else "" for r in results),
            ]
            for name in names
        ],
    )


def speed(document: dict[str, Any]) -> Iterator[str]:
    """Ratios to the naive loop on the main cases, or on all where none was measured."""
    results = document["speed"]
    chosen = [r for r in results if r["case"] in MAIN] or results
    title = "samples/s, tutorial loop = 1"
    yield from by_peer(chosen, title, lambda p: cell(p.get("ratio")))
    yield ""
    yield from by_peer(
        chosen,
        "samples/s; before steady, s; threads; validation loss",
        lambda p: "; ".join(
            [
                number(p["samples_per_s"]["median"]),
                f"{p['before_steady_s']:.2f}",
                "" if p["threads"] is None else str(p["threads"]),
                "" if p["loss"] is None else f"{p['loss']:.4f}",
            ]
        ),
    )


def ladder(document: dict[str, Any]) -> Iterator[str]:
    """Every size: the hand-tuned loop against the naive one, ours against both."""
    body = []
    for result in document["speed"]:
        peers = result["peers"]
        cells = (
            ("hand", "ratio"), ("dovetail-float32", "ratio"), ("limit", "ratio"),
            ("dovetail-eager", "to_hand"), ("dovetail-float32", "to_hand"),
        )  # fmt: skip
        found = [cell(peers.get(name, {}).get(key)) for name, key in cells]
        body.append([result["case"], *found])
    head = [
        "tutorial loop = 1", "hand-tuned", "dovetail, compiled", "limit",
        "eager / hand-tuned", "compiled / hand-tuned",
    ]  # fmt: skip
    yield from rows(head, body)


def first(document: dict[str, Any]) -> Iterator[str]:
    yield from by_peer(
        document["first"],
        "time to first step, tutorial loop = 1",
        lambda p: f"{cell(p.get('ratio'))}; {number(p['seconds']['median'])} s",
    )


def memory(document: dict[str, Any]) -> Iterator[str]:
    yield from by_peer(
        document["memory"],
        "peak memory, tutorial loop = 1",
        lambda p: f"{cell(p.get('ratio'))}; {number(p['peak_mib']['median'])} MiB",
    )


def quality(document: dict[str, Any]) -> Iterator[str]:
    yield from by_peer(
        document["quality"],
        "validation loss over seeds; minus the tutorial loop's, same seed",
        lambda p: f"{cell(p['loss'])}; {cell(p.get('difference'))}",
    )


def whole(document: dict[str, Any]) -> Iterator[str]:
    body = [
        [
            result["case"],
            number(run["naive_s"]),
            kind,
            cell(found["seconds"]),
            cell(found.get("ratio")),
        ]
        for result in document["whole"]
        for run in result["runs"]
        for kind, found in run["kinds"].items()
    ]
    head = ["case", "naive's work, s", "run", "whole process, s", "eager = 1"]
    yield from rows(head, body)


TABLES = {
    "speed": speed,
    "ladder": ladder,
    "first": first,
    "memory": memory,
    "quality": quality,
    "whole": whole,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--parts", nargs="+", choices=list(TABLES))
    given = parser.parse_args()
    document = json.loads(given.results.read_text(encoding="utf-8"))
    measured = [t for t in TABLES if ("speed" if t == "ladder" else t) in document]
    for name in given.parts or measured:
        print("\n".join(TABLES[name](document)), end="\n\n")


if __name__ == "__main__":
    main()
