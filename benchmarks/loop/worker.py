"""One peer in a process of its own, told what to do by JSON lines.

    python -m benchmarks.loop.worker PEER FOLDER

    {"case": {...}, "seed": 0}   -> {}
    {"epochs": 3}                -> {"first_s": .., "seconds": .., "threads": 2}
    {"loss": true}               -> {"loss": ..}

``epochs`` trains one epoch more; its seconds end at the first epoch's end and are
``first_s`` (start of a fit, compilation), apart from the steady ``seconds``. Where the
peer cannot run the answer is {"unavailable": why}; where it fails, {"error": trace}.
"""

import json
import os
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.loop.cases import Case
from benchmarks.loop.peers import PEERS
from benchmarks.loop.peers._base import Loop, Unavailable
from benchmarks.loop.rows import Rows, cross_entropy


def answers(name: str, folder: Path) -> Iterator[dict[str, Any]]:
    """One for each line of standard input."""
    loop = PEERS[name].make()
    for line in sys.stdin:
        order = json.loads(line)
        if "case" in order:
            case = Case.from_text(json.dumps(order["case"]))
            rows = Rows.read(folder, case)
            loop.prepare(case, rows, order["seed"])
            yield {}
        elif "epochs" in order:
            yield {**timed(loop, order["epochs"]), "threads": loop.threads()}
        else:
            logits = loop.logits(rows.tune_numbers)
            yield {
                "loss": None
                if logits is None
                else cross_entropy(logits, rows.tune_target)
            }


def timed(loop: Loop, epochs: int) -> dict[str, float]:
    """Seconds of the first epoch and, apart, of ``epochs`` more."""
    ticks: list[float] = []
    start = time.perf_counter()
    loop.run(epochs + 1, lambda: ticks.append(time.perf_counter()))
    if len(ticks) != epochs + 1:
        raise RuntimeError(f"{len(ticks)} epochs ended, not {epochs + 1}")
    return {"first_s": ticks[0] - start, "seconds": ticks[-1] - ticks[0]}


def missing(error: ModuleNotFoundError) -> bool:
    """Is it a package that is not installed, not a fault of our own?"""
    return (error.name or "").partition(".")[0] not in ("benchmarks", "dovetail")


def main() -> None:
    # What a library prints goes to standard error; answers go where nothing else does.
    private = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    name, folder = sys.argv[1], Path(sys.argv[2])
    try:
        for answer in answers(name, folder):
            print(json.dumps(answer), file=private, flush=True)
    except Exception as error:
        absent = isinstance(error, ModuleNotFoundError) and missing(error)
        if absent or isinstance(error, Unavailable):
            answer = {"unavailable": str(error)}
        else:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=private, flush=True)


if __name__ == "__main__":
    main()
