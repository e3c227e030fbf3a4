"""One reader, once, in a process of its own; its figures as one JSON line.

    python -m benchmarks.reading.once READER FILE

Seconds and processor seconds are those of the reading, imports aside. Peak memory is
the kernel's for the whole process (``VmHWM``), and again less what stood in memory
when everything was imported, before reading (``VmRSS``).
"""

import json
import os
import resource
import sys
import time
from pathlib import Path


def memory(field: str) -> int:
    """Bytes, of this process, as the kernel counts them."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(x.split()[1]) * 1024 for x in lines if x.startswith(field))


def processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    name, path = sys.argv[1], Path(sys.argv[2])
    private = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from benchmarks.reading.readers import load

    try:
        read = load(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("benchmarks", "dovetail"):
            raise
        print(json.dumps({"unavailable": str(error)}), file=private)
        return
    before, used, start = memory("VmRSS"), processor_s(), time.perf_counter()
    numbers, codes = read(path)
    seconds, used = time.perf_counter() - start, processor_s() - used
    peak = memory("VmHWM")
    answer = {
        "seconds": seconds,
        "processor_s": used,
        "peak": peak,
        "added": peak - before,
        "numbers": list(numbers.shape),
        "codes": None if codes is None else list(codes.shape),
    }
    print(json.dumps(answer), file=private)


if __name__ == "__main__":
    main()
