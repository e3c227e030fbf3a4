"""dovetail's presets and its peers on the six judged sets: same rows, same metric.

    python -m benchmarks.tabular.compare DATA --out docs/strength.json
        [--sets ...] [--methods ...] [--seeds 3] [--python PYTHON=METHOD ...]

A seed draws the 75/25 split and the method's own chance. Methods take turns on a set,
so that a slow minute of the machine hits all of them. Results already in ``--out`` are
kept: a run that was stopped goes on. ``--python`` names the interpreter for a method
whose library cannot live in this environment.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import mean, median

from benchmarks.environment import code, environment
from benchmarks.tabular.judged import NAMES
from benchmarks.tabular.methods import METHODS

LIMIT_S = 3_600


def main() -> None:
    given = arguments()
    pythons = dict(word.rsplit("=", 1)[::-1] for word in given.python)
    document = {"results": []}
    if given.out.exists():
        document = json.loads(given.out.read_text(encoding="utf-8"))
    done = {(r["method"], r["set"], r["seed"]) for r in document["results"]}
    for seed in range(given.seeds):
        for name in given.sets:
            for method in given.methods:
                if (method, name, seed) in done:
                    continue
                python = pythons.get(method, sys.executable)
                row = {"method": method, "set": name, "seed": seed}
                row |= measured(python, method, name, seed, given.data)
                print(json.dumps(row), flush=True)
                document["results"].append(row)
                document |= {**environment(), "code": code()}
                text = json.dumps(document, indent=1, sort_keys=True)
                given.out.write_text(text + "\n", encoding="utf-8")
    print(table(document["results"]))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=list(NAMES), choices=NAMES)
    parser.add_argument(
        "--methods", nargs="+", default=list(METHODS), choices=list(METHODS)
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--python", nargs="+", default=[], metavar="PYTHON=METHOD")
    return parser.parse_args()


def measured(python: str, method: str, name: str, seed: int, data: Path) -> dict:
    """What the process says, or the last line of why it said nothing."""
    command = [python, "-W", "ignore", "-m", "benchmarks.tabular.one", method, name]
    threads = {"OMP_NUM_THREADS": "2", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [*command, str(seed), str(data)], capture_output=True, text=True,
        timeout=LIMIT_S, env={**os.environ, **threads}, check=False,
    )  # fmt: skip
    if done.returncode:
        return {"failed": (done.stderr.strip() or "no word").splitlines()[-1][:200]}
    return json.loads(done.stdout.splitlines()[-1])


def table(results: list[dict]) -> str:
    """Markdown: mean score and median seconds of each method and set, and mean rank.

    Ranks are among the methods that have every set, by the seeds that all of them have.
    """
    found = {}
    for row in results:
        if "score" in row:
            found.setdefault(row["method"], {}).setdefault(row["set"], []).append(row)
    sets = [name for name in NAMES if any(name in by for by in found.values())]
    whole = [m for m in found if len(found[m]) == len(sets)]
    means = {m: {} for m in whole}
    for s in sets:
        seeds = [{r["seed"] for r in found[m][s]} for m in whole]
        shared = set.intersection(*seeds) if seeds else set()
        for m in whole:
            means[m][s] = mean(r["score"] for r in found[m][s] if r["seed"] in shared)
    ranks = {m: [] for m in whole}
    for name in sets:
        for place, m in enumerate(sorted(whole, key=lambda m: means[m][name]), start=1):
            ranks[m].append(place)
    lines = [
        "| method | " + " | ".join(sets) + " | mean rank |",
        "| --- |" + " --- |" * (len(sets) + 1),
    ]
    for m, by in found.items():
        cells = []
        for name in sets:
            rows = by.get(name)
            if not rows:
                cells.append("-")
                continue
            values = [r["score"] for r in rows]
            seconds = median(r["fit_s"] for r in rows)
            spread = (
                f" ({min(values):.4g} to {max(values):.4g}, n = {len(rows)})"
                if len(rows) > 1
                else ""
            )
            cells.append(f"{mean(values):.4g}{spread}, {seconds:.3g} s")
        rank = f"{mean(ranks[m]):.2f}" if m in ranks else "-"
        lines.append(f"| {m} | " + " | ".join(cells) + f" | {rank} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
