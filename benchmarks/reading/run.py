"""A CSV file to tensors: seconds and peak memory of dovetail and its peers.

    python -m benchmarks.reading.run [--rows 1000000] [--rounds 7] [--out FILE]

The file is made in a temporary folder. Each reader runs in a process of its own, once
a round, in turn, after a round that is not counted and that brings the file into the
system's cache. Ratios are to pandas' C engine in the same round; ``processor_s`` says
what a busy machine hides. Nobody's imports are counted.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.environment import PACKAGES, code, environment, installed
from benchmarks.loop.ratios import ratio, spread, turn

BASE = "pandas"
NAMES = (
    "pandas", "dovetail", "dovetail-cached", "dovetail-table", "dovetail-table-cached",
    "pandas-pyarrow", "polars", "pyarrow", "duckdb", "bytes",
)  # fmt: skip
FIELDS = ("seconds", "processor_s", "peak", "added")


def once(name: str, path: Path, cache: Path) -> dict[str, Any]:
    """One reader's figures, from a process of its own."""
    env = {**os.environ, "DOVETAIL_CACHE": str(cache) if "cached" in name else "off"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed: with its bytecode
    asked = subprocess.run(
        [sys.executable, "-m", "benchmarks.reading.once", name, str(path)],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if asked.returncode:
        raise SystemExit(f"{name} broke off:\n{asked.stderr[-2_000:]}")
    answer: dict[str, Any] = json.loads(asked.stdout)
    return answer


def measured(
    names: list[str], path: Path, cache: Path, rounds: int
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, str], dict[str, Any]]:
    """Answers of each reader, who is missing, and the first reading with a cache."""
    missing: dict[str, str] = {}
    first: dict[str, Any] = {}
    answers: dict[str, list[dict[str, Any]]] = {}
    for name in names:
        answer = once(name, path, cache)
        if "unavailable" in answer:
            missing[name] = answer["unavailable"]
            continue
        if "cached" in name and not first:
            first = answer  # it filled the cache
        answers[name] = []
    for round_ in range(rounds):
        for name in turn(list(answers), round_):
            answers[name].append(once(name, path, cache))
        print(f"round {round_ + 1} of {rounds}", file=sys.stderr, flush=True)
    return answers, missing, first


def document(said: argparse.Namespace) -> dict[str, Any]:
    """Measure, and put the figures together."""
    with tempfile.TemporaryDirectory(prefix="reading-") as folder:
        path, cache = Path(folder) / "table.csv", Path(folder) / "cache"
        # By another process: what a parent ever held counts as its children's peak.
        subprocess.run(
            [
                sys.executable, "-c",
                "import sys; from pathlib import Path; from benchmarks.reading import "
                "rows; rows.write(Path(sys.argv[1]), *map(int, sys.argv[2:]))",
                str(path), str(said.rows), str(said.seed),
            ],
            check=True,
        )  # fmt: skip
        size = path.stat().st_size
        answers, missing, first = measured(said.names, path, cache, said.rounds)
        kept = sum(one.stat().st_size for one in cache.glob("*")) if first else 0
    readers = {}
    for name, all_ in answers.items():
        values = {field: [one[field] for one in all_] for field in FIELDS}
        base = {field: [one[field] for one in answers[BASE]] for field in FIELDS}
        readers[name] = {
            "seconds": spread(values["seconds"]),
            "processor_s": spread(values["processor_s"]),
            "ratio": ratio(values["seconds"], base["seconds"]),
            "processor_ratio": ratio(values["processor_s"], base["processor_s"]),
            "peak_to_file": spread([one / size for one in values["peak"]]),
            "added_to_file": spread([one / size for one in values["added"]]),
            "numbers": all_[0]["numbers"],
            "codes": all_[0]["codes"],
        }
    about = environment()
    more = {p: v for p in ("pandas", "polars", "duckdb") if (v := installed(p))}
    about["versions"] = {**about["versions"], **more}
    assert not set(more) & set(PACKAGES)
    return {
        **about,
        "code": code(),
        "command": f"python -m benchmarks.reading.run --rows {said.rows} "
        f"--rounds {said.rounds} --seed {said.seed}",
        "rows": said.rows,
        "seed": said.seed,
        "bytes": size,
        "rounds": said.rounds,
        "load_before": said.load,
        "readers": readers,
        "missing": missing,
        "first_with_cache": first,
        "kept_bytes": kept,
    }


def table(results: dict[str, Any]) -> str:
    """Markdown for docs/benchmarks.md."""
    lines = [
        "| reader | s | pandas' C engine = 1 | processor s | = 1 "
        "| peak memory, file = 1 | added while reading |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, one in results["readers"].items():
        low, high = one["ratio"]["least"], one["ratio"]["most"]
        lines.append(
            f"| {name} | {one['seconds']['median']:.3f} "
            f"| {one['ratio']['median']:.3f} ({low:.3f} to {high:.3f}) "
            f"| {one['processor_s']['median']:.3f} "
            f"| {one['processor_ratio']['median']:.3f} "
            f"| {one['peak_to_file']['median']:.2f} "
            f"| {one['added_to_file']['median']:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--names", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--out", type=Path)
    said = parser.parse_args()
    said.load = [round(load, 2) for load in os.getloadavg()]
    if BASE not in said.names:
        said.names.insert(0, BASE)
    results = document(said)
    if said.out is not None:
        said.out.write_text(json.dumps(results, indent=2) + "\n")
    print(table(results))
    for name, why in results["missing"].items():
        print(f"{name} was left out: {why}")


if __name__ == "__main__":
    main()
