"""The Markdown tables of docs/benchmarks.md and README.md from a results file.

python -m benchmarks.tabular.table docs/tabular.json [--short]
"""

import argparse
import json
from pathlib import Path


def number(value: float) -> str:
    """Four digits that count; thousands with commas."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


def long_row(r: dict) -> str:
    low, high = r["interval"]
    return (
        f"| {r['set']} | {r['task']} | {r['metric']} | {number(r['baseline'])} | "
        f"**{number(r['score'])}** | {number(low)} to {number(high)} | "
        f"{number(r['mlp'])} | {r['rows']['score']:,} | {r['seconds']:.0f} | "
        f"{r['mlp_seconds']:.0f} | {r['peak_mib']} |"
    )


def short_row(r: dict) -> str:
    return (
        f"| {r['set']} | `{r['task']}` | {r['metric']} | {number(r['baseline'])} | "
        f"{number(r['mlp'])} | **{number(r['score'])}** |"
    )


LONG = (
    "| set | task inferred | metric (lower is better) | baseline | dovetail | "
    "95 % interval | scikit-learn MLP | rows scored | s | MLP's s | peak MiB |"
)
SHORT = "| set | task | metric, lower is better | baseline | MLP | dovetail |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--short", action="store_true")
    given = parser.parse_args()
    results = json.loads(given.results.read_text(encoding="utf-8"))["results"]
    head, row = (SHORT, short_row) if given.short else (LONG, long_row)
    columns = head.count("|") - 1
    print(head)
    print("| --- " * columns + "|")
    for result in results:
        print(row(result))


if __name__ == "__main__":
    main()
