"""A program that saves checkpoints and is killed; the tests run it.

Reads jobs as JSON from stdin: ``{"folder": .., "kill_at": .. | null, "delay_s": ..}``.
For each a child is forked that saves checkpoint after checkpoint; it dies at the named
point, or by SIGKILL after the delay. Prints for each job how the child ended and the
number of the last checkpoint that it knew to be on the disk.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

import torch  # before the fork, so that it is loaded once


def numbered(number: int) -> dict[str, torch.Tensor]:
    """The tensors of checkpoint ``number``, the same in every process."""
    noise = torch.Generator().manual_seed(number)
    return {
        "weights": torch.randn(96, 64, generator=noise),
        "moments": torch.randn(96, 64, generator=noise, dtype=torch.float64),
        "step": torch.tensor(number),
    }


def save_on_and_on(folder: Path, told: int) -> None:
    from dovetail.train.checkpoint import Checkpoint, Checkpoints

    checkpoints = Checkpoints(folder)
    for number in range(1, 100_000):
        checkpoints.save(Checkpoint(numbered(number), {"number": number}))
        checkpoints.wait()
        os.pwrite(told, f"{number:>8}".encode(), 0)


def run(job: dict[str, object]) -> dict[str, int]:
    told = os.memfd_create("last")
    child = os.fork()
    if child == 0:
        if job["kill_at"]:
            os.environ["DOVETAIL_KILL_AT"] = str(job["kill_at"])
        save_on_and_on(Path(str(job["folder"])), told)
    if not job["kill_at"]:
        while not os.pread(told, 8, 0):
            time.sleep(0.001)
        time.sleep(float(str(job["delay_s"])))
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return {
        "ended": os.waitstatus_to_exitcode(status),
        "last": int(os.pread(told, 8, 0) or 0),
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)
