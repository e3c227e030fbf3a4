"""dovetail fit against scikit-learn's MLP on ten real tables.

    python -m benchmarks.tabular.run DATA [--sets adult letter] [--out results.json]

DATA is the folder with one folder for each set. Each fit is the command a user types,
in a process of its own; seconds and peak memory are the operating system's.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.environment import code, environment
from benchmarks.tabular.sets import SETS


def timed(command: list[str]) -> tuple[str, float, float]:
    """Standard output, seconds and peak memory in MiB of one process."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        out.seek(0)
        text = out.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} left with {process.returncode}")
    return text, seconds, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--no-peer", action="store_true")
    given = parser.parse_args()

    results = []
    for name in given.sets:
        chosen = SETS[name]
        with tempfile.TemporaryDirectory() as folder:
            text, seconds, peak = timed(
                [sys.executable, "-m", "dovetail", "fit", *chosen.command(given.data),
                 "--out", f"{folder}/model", "--json", "--quiet"]
            )  # fmt: skip
        ours = json.loads(text)
        row = {
            "set": name,
            **{k: ours[k] for k in ("task", "metric", "baseline", "score", "interval")},
            "rows": ours["parts"],
            "epochs": ours["epochs"],
            "seconds": round(seconds, 1),
            "peak_mib": round(peak),
        }
        if not given.no_peer:
            text, _, _ = timed(
                [sys.executable, "-m", "benchmarks.tabular.peer", name, str(given.data)]
            )
            peer = json.loads(text)
            row["mlp"] = peer["score"]
            row["mlp_seconds"] = round(peer["seconds"], 1)
        results.append(row)
        print(line(row), flush=True)

    if given.out:
        document = {
            **environment(),
            "code": code(),
            "results": results,
        }
        given.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def line(row: dict) -> str:
    """One row of the table, in Markdown."""
    mlp = f"{row['mlp']:.4f} | {row['mlp_seconds']:.0f}" if "mlp" in row else "- | -"
    return (
        f"| {row['set']} | {row['task']} | {row['metric']} | {row['baseline']:.4f} | "
        f"{row['score']:.4f} | {row['seconds']:.0f} | {row['peak_mib']} | {mlp} |"
    )


if __name__ == "__main__":
    main()
