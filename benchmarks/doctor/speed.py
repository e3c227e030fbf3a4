"""Processor time and peak memory of `dovetail doctor` on projects of n files.

    python -m benchmarks.doctor.speed                        JSON to stdout
    python -m benchmarks.doctor.speed --files 100 1000 --runs 3
    python -m benchmarks.doctor.speed --path src tests       other folders, as they are

Each file made is a module of about 50 lines with a network, a training and an
evaluation function, and imports the next one, so that the project is one ring; every
third network has a softmax before cross-entropy. Every run is a process of its own,
Python's start included; user and system time are added up, waiting is left out (a busy
machine still makes it somewhat longer: cores share caches).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.environment import code, environment

FILES = (100, 300, 1000, 3000)

MODULE = '''\
"""Part {at} of a made project."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

from part{next:04} import Net{next} as Teacher


class Net{at}(nn.Module):
    """A small network for images of one channel."""

    def __init__(self, width={width}, n_classes=10, p=0.1):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, width, 3), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2)
        )
        self.dropout = nn.Dropout(p)
        self.head = nn.Linear(width, n_classes)

    def forward(self, x):
        x = self.features(x).mean(dim=(2, 3))
        x = self.head(self.dropout(x))
        return {output}


def train{at}(data, teacher: Teacher, epochs=3, lr=1e-3):
    model = Net{at}()
    loader = DataLoader(data, batch_size=64, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        model.train()
        for images, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
        scheduler.step()
    return model


@torch.no_grad()
def evaluate{at}(model, data):
    model.eval()
    losses = [F.cross_entropy(model(x), y).item() for x, y in DataLoader(data)]
    return sum(losses) / len(losses)
'''

# What a process of its own does: everything that the command does but printing.
ONE = """\
import json, resource, sys
from dovetail.doctor.run import examine
findings, notes = examine(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_SELF)
peak = used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(json.dumps([used.ru_utime + used.ru_stime, peak, len(findings), len(notes)]))
"""


def make(folder: Path, n_files: int) -> None:
    """Write a project of ``n_files`` modules."""
    for at in range(n_files):
        output = "x" if at % 3 else "F.softmax(x, dim=1)"
        text = MODULE.format(
            at=at, next=(at + 1) % n_files, width=8 + at % 5, output=output
        )
        (folder / f"part{at:04}.py").write_text(text)


def counted(paths: list[Path]) -> tuple[int, int]:
    """Files and lines."""
    files = [f for p in paths for f in ([p] if p.is_file() else p.rglob("*.py"))]
    return len(files), sum(f.read_bytes().count(b"\n") for f in files)


def measured(paths: list[Path], runs: int) -> dict[str, Any]:
    """Medians over some runs."""
    files, lines = counted(paths)
    rows = []
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-c", ONE, *map(str, paths)],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
        rows.append(json.loads(done.stdout))
    seconds, peaks = [r[0] for r in rows], [r[1] for r in rows]
    middle = statistics.median(seconds)
    return {
        "files": files,
        "lines": lines,
        "cpu_s": round(middle, 2),
        "cpu_s_least": round(min(seconds), 2),
        "cpu_s_most": round(max(seconds), 2),
        "ms_per_file": round(1000 * middle / max(files, 1), 2),
        "peak_mib": round(statistics.median(peaks)),
        "findings": rows[0][2],
        "notes": rows[0][3],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, nargs="+", default=FILES)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--path", type=Path, nargs="+")
    args = parser.parse_args()
    results = []
    if args.path:
        results.append(measured(args.path, args.runs))
    else:
        for n_files in args.files:
            with tempfile.TemporaryDirectory() as folder:
                make(Path(folder), n_files)
                results.append(measured([Path(folder)], args.runs))
    document = {**environment(), "code": code(), "runs": args.runs, "results": results}
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
