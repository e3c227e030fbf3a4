"""Runs command lines in processes of their own, which may be killed; the tests use it.

Reads jobs as JSON from stdin: ``{"line": [..], "send": signal | null, "once": text,
"delay_s": .., "kill_at": point | null}``. For each a child is forked that runs
``dovetail`` with that line; it dies at the named point of saving, or gets the signal
after the delay, counted from the moment when ``once`` is the name of something that
exists or was written to stderr. Prints for each job how the child ended and what it
wrote to stderr. dovetail is loaded once, before the first fork.
"""

import json
import os
import sys
import time
from itertools import count

import dovetail.estimator  # noqa: F401
from dovetail.cli.main import main
from dovetail.train.checkpoint import points as checkpoint_points


def child(job: dict[str, object], told: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(told, 2)
    if job["kill_at"]:
        point, _, passes = str(job["kill_at"]).partition(":")
        checkpoint_points._POINT, checkpoint_points._TIME = point, passes
        checkpoint_points._passes = count(1)
    code = 1
    try:
        code = main(list(job["line"]))  # type: ignore[call-overload]
        sys.stderr.flush()
    finally:
        os._exit(code)


def said(told: int) -> str:
    return os.pread(told, 1_000_000, 0).decode()


def is_over(process: int) -> bool:
    """Has it ended? It is not waited for: a signal may still be sent to it."""
    return (
        os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    )


def run(job: dict[str, object]) -> dict[str, object]:
    told = os.memfd_create("stderr")
    start = time.monotonic()
    process = os.fork()
    if process == 0:
        child(job, told)
    if job["send"]:
        once = str(job["once"])
        while not (os.path.exists(once) or once in said(told) or is_over(process)):
            time.sleep(0.001)
        time.sleep(float(str(job["delay_s"])))
        os.kill(process, int(str(job["send"])))
    _, status = os.waitpid(process, 0)
    try:
        answer = said(told)
    finally:
        os.close(told)
    return {
        "ended": os.waitstatus_to_exitcode(status),
        "said": answer,
        "seconds": time.monotonic() - start,
    }


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)
