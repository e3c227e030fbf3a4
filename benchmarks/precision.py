"""Do scores suffer from bfloat16? The same fits in float32 and in bfloat16.

    python -m benchmarks.precision DATA [--sets adult letter] [--seeds 3] [--out F]

DATA is the folder with one folder for each set. Both precisions in turn, set by set and
seed by seed, each fit a process of its own. A difference is bfloat16 minus float32 on
the same rows; beside it how much float32's own score moves from seed to seed.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.environment import code, environment
from benchmarks.tabular.run import timed
from benchmarks.tabular.sets import SETS

PRECISIONS = ("float32", "bfloat16")


def fitted(name: str, data: Path, precision: str, seed: int) -> dict[str, Any]:
    """Score and seconds of one fit."""
    with tempfile.TemporaryDirectory() as folder:
        text, seconds, _ = timed(
            [
                sys.executable, "-m", "dovetail", "fit", *SETS[name].command(data),
                "--precision", precision, "--seed", str(seed),
                "--out", f"{folder}/model", "--json", "--quiet",
            ]
        )  # fmt: skip
    answer = json.loads(text)
    return {
        "metric": answer["metric"],
        "score": answer["score"],
        "seconds": round(seconds, 1),
    }


def row(name: str, found: dict[str, list[dict[str, Any]]]) -> str:
    """One line of the Markdown table."""
    scores = {p: [one["score"] for one in found[p]] for p in PRECISIONS}
    means = {p: statistics.fmean(scores[p]) for p in PRECISIONS}
    apart = [b - a for a, b in zip(*scores.values(), strict=True)]
    spread = max(scores["float32"]) - min(scores["float32"])
    pace = statistics.median(
        a["seconds"] / b["seconds"] for a, b in zip(*found.values(), strict=True)
    )
    return (
        f"| {name} | {found['float32'][0]['metric']} | {means['float32']:.4g} | "
        f"{means['bfloat16']:.4g} | {min(apart):+.2g} to {max(apart):+.2g} | "
        f"{spread:.2g} | {pace:.2f} |"
    )


HEAD = (
    "| set | metric | float32 | bfloat16 | difference, by seed | float32 over seeds | "
    "speed-up of the whole fit |\n| --- | --- | --- | --- | --- | --- | --- |"
)


def main() -> None:
    """Fit, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    print(HEAD)
    results: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for name in given.sets:
        found: dict[str, list[dict[str, Any]]] = {p: [] for p in PRECISIONS}
        for seed in range(given.seeds):
            for precision in PRECISIONS:
                found[precision].append(fitted(name, given.data, precision, seed))
        results[name] = found
        print(row(name, found), flush=True)
    if given.out:
        document = {
            **environment(),
            "code": code(),
            "seeds": given.seeds,
            "results": results,
        }
        given.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
