"""Compute every figure that the doctor's pages quote.

    python -m benchmarks.doctor.figures --out docs/doctor/figures.json
    python -m benchmarks.doctor.figures --out docs/doctor/figures.json --only formulas

``formulas`` takes seconds and gives the same on every machine; the rest trains small
networks (ten minutes on one core). With ``--only`` the other figures of the file stay.
"""

import argparse
import json
import math
from pathlib import Path

import torch

from benchmarks.doctor import digits, formulas, labels, numbers
from benchmarks.environment import code, environment

PARTS = {
    "formulas": formulas.EVERY,
    "digits": digits.EVERY,
    "labels": labels.EVERY,
    "numbers": numbers.EVERY,
}


def computed(part: str) -> dict[str, float]:
    """The figures of one part, to seven digits; JSON has no word for infinity."""
    found: dict[str, float] = {}
    for function in PARTS[part]:
        found |= function()
    return {
        name: float(f"{value:.7g}")
        for name, value in sorted(found.items())
        if math.isfinite(value)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", choices=sorted(PARTS))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    document = json.loads(asked.out.read_text()) if asked.out.exists() else {}
    for part in [asked.only] if asked.only else PARTS:
        document[part] = {
            "environment": {"code": code(), **environment()},
            "figures": computed(part),
        }
        asked.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        print(part, len(document[part]["figures"]), "figures", flush=True)


if __name__ == "__main__":
    main()
