"""Training loops of peers against ours, interleaved; one command, one JSON file.

    python -m benchmarks.loop.run [--cases 10-20-5/32 ...] [--peers hand dovetail ...]
                                  [--parts speed first ...] [--rounds 5] [--threads 2]
                                  [--out docs/loop.json] [--quick]

Each peer is a process of its own; in a round each works for about a second while the
others sleep. Without ``--cases`` the speed of ours and of what it is held against is
measured on a ladder of sizes, all else on three of them. The file is written after
each case, so that a run that is stopped leaves what it measured.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.environment import code, environment
from benchmarks.loop.cases import CASES, MAIN, Case
from benchmarks.loop.parts import BASE, PARTS, Bench
from benchmarks.loop.peers import LADDER, PEERS
from benchmarks.loop.processes import FailedError, Place, UnavailableError, Worker


def main() -> None:
    given = arguments()
    threads = given.threads or "each library's default"
    same = {**environment(), "threads": threads}
    kept = earlier(given.out, same) if given.add else {}
    names = [BASE, *(name for name in given.peers if name != BASE)]
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder, "rows"), Path(folder, "cache"), given.threads)
        bench = Bench(place, given.rounds, given.seconds, tuple(given.whole))
        left_out = unavailable(bench, names)
        names = [name for name in names if name not in left_out]
        if BASE not in names:
            raise SystemExit("All is held against the naive loop, which cannot run.")
        document: dict[str, Any] = {
            **same,
            "peers": kept.get("peers", {}) | {n: PEERS[n].says for n in names},
            "left_out": left_out,
            "failed": bench.failed | earlier_failures(kept, given),
            **{p: kept[p] for p in PARTS if p in kept},
        }
        how = {
            "measured": same["measured"], "code": code(), "rounds": given.rounds,
            "seconds_a_round": given.seconds,
        }  # fmt: skip
        for part in given.parts:
            cases = cases_of(part, given)
            document[part] = [c for c in kept.get(part, []) if c["case"] not in cases]
            for name in cases:
                everyone = given.all_peers or name in MAIN or bool(given.cases)
                here = [n for n in names if everyone or n in LADDER]
                print(f"{part} {name}: {', '.join(here)}", file=sys.stderr, flush=True)
                document[part].append({**PARTS[part](bench, CASES[name], here), **how})
                document[part].sort(key=lambda result: [*CASES].index(result["case"]))
                document["failed"] |= bench.failed
                text = json.dumps(document, indent=1) + "\n"
                if given.out:
                    given.out.write_text(text, encoding="utf-8")
        if not given.out:
            print(text, end="")
    if bench.failed:
        raise SystemExit(f"{len(bench.failed)} measurements failed: {[*bench.failed]}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", nargs="+", choices=list(CASES), metavar="CASE")
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), default=list(PEERS))
    parser.add_argument("--all-peers", action="store_true", help="on the ladder too")
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of work a round")
    parser.add_argument(
        "--threads", type=int, help="of every peer; ours choose their own"
    )
    parser.add_argument(
        "--whole", nargs="+", type=float, default=[5, 10, 20, 60], metavar="S",
        help="seconds of the naive loop's work in the part 'whole'",
    )  # fmt: skip
    parser.add_argument("--out", type=Path)
    parser.add_argument(
        "--add", action="store_true",
        help="keep what the file --out holds of parts and cases not measured now",
    )  # fmt: skip
    parser.add_argument(
        "--quick", action="store_true",
        help="does it run? the tiny case, two rounds; not a measurement",
    )  # fmt: skip
    given = parser.parse_args()
    if given.quick:
        given.cases = given.cases or [MAIN[0]]
        given.rounds, given.seconds, given.whole = 2, 0.1, [0.5]
    return given


def cases_of(part: str, given: argparse.Namespace) -> list[str]:
    return list(given.cases or (CASES if part == "speed" else MAIN))


def earlier_failures(kept: dict[str, Any], given: argparse.Namespace) -> dict[str, str]:
    """Those of parts and cases that are not measured again."""
    again = {(part, case) for part in given.parts for case in cases_of(part, given)}
    return {
        what: error
        for what, error in kept.get("failed", {}).items()
        if tuple(what.split()[:2]) not in again and not what.startswith("start ")
    }


def earlier(out: Path | None, same: dict[str, Any]) -> dict[str, Any]:
    """What a file holds that was measured on this machine with these versions."""
    if out is None or not out.exists():
        raise SystemExit("--add needs --out with a file that is there.")
    document: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    for key, value in same.items():
        if key != "measured" and document.get(key) != value:
            raise SystemExit(f"{out} has {key} {document.get(key)}, this run {value}.")
    return document


def unavailable(bench: Bench, names: list[str]) -> dict[str, str]:
    """Who cannot run here, and why."""
    small = Case((4, 3), 8, 1)
    bench.place.write(small)
    reasons = {}
    for name in names:
        worker = Worker(name, bench.place)
        try:
            worker.prepare(small, seed=0)
        except UnavailableError as error:
            reasons[name] = str(error)
            print(f"left out {name}: {error}", file=sys.stderr, flush=True)
        except FailedError as error:
            reasons[name] = "failed"
            bench.fail(f"start {name}", error)
        finally:
            worker.close()
    return reasons


if __name__ == "__main__":
    main()
