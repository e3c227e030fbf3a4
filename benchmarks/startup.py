"""How long `dovetail --help` and `import dovetail` take, as whole processes.

    python -m benchmarks.startup [--runs 15]

Interleaved with an empty Python start, so that a slow machine shows in both.
"""

import argparse
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import dovetail": [sys.executable, "-c", "import dovetail"],
    "dovetail --help": [sys.executable, "-m", "dovetail", "--help"],
    "dovetail fit --help": [sys.executable, "-m", "dovetail", "fit", "--help"],
    "import torch": [sys.executable, "-c", "import torch"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        for name, command in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            seconds[name].append(time.perf_counter() - start)
    print(f"| process | median s of {runs} | least | most |\n| --- | --- | --- | --- |")
    for name, times in seconds.items():
        middle = statistics.median(times)
        print(f"| {name} | {middle:.3f} | {min(times):.3f} | {max(times):.3f} |")


if __name__ == "__main__":
    main()
