"""A program that saves checkpoints under a limit on the size of files.

Reads limits in bytes, one a line; for each it tries to save and prints what happened:
``{"error": message | null, "code": .., "newest": .., "left": [..]}``. The system
answers a write beyond the limit with EFBIG, as it does a full disk with ENOSPC.
"""

import json
import os
import resource
import sys
from pathlib import Path

from dovetail.errors import ResourceError
from dovetail.train.checkpoint import Checkpoint, Checkpoints
from tests.train.checkpoint_killed import numbered


def attempt(checkpoints: Checkpoints, number: int, limit: int) -> dict[str, object]:
    error = None
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        checkpoints.save(Checkpoint(numbered(number), {"number": number}), wait=True)
    except ResourceError as caught:
        error = caught
    finally:
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    newest = Checkpoints(checkpoints.folder).newest()
    return {
        "error": error and error.message,
        "code": error and error.exit_code,
        "newest": newest and newest.document["number"],
        "left": sorted(os.listdir(checkpoints.folder)),
    }


if __name__ == "__main__":
    store = Checkpoints(Path(sys.argv[1]))
    for number, line in enumerate(sys.stdin, 1):
        print(json.dumps(attempt(store, number, int(line))), flush=True)
