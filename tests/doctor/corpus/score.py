"""Judge the doctor on the corpus: precision and recall of each rule, misses, alarms.

    python tests/doctor/corpus/score.py            the table, misses and false alarms
    python tests/doctor/corpus/score.py DT401 ...  only some rules

``manifest.json`` holds one object for each program: ``path`` (a file, or a folder read
as one project), ``kind`` (wrong or right), ``expected`` (each with ``rule``, ``file``,
``line``, ``cell`` for notebooks, and the other places that a user may be shown:
``lines`` in the same file, ``elsewhere`` in others) and ``allowed`` (rules that may
speak below an error). A finding is *found* at one of its places, *off* in another
line of the program; what is neither expected nor allowed is a false alarm if it is
an error or a warning. Hints are never counted.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dovetail.doctor import check
from dovetail.doctor._base import CODES, Finding, Severity

CORPUS = Path(__file__).resolve().parent


@dataclass
class Score:
    """What was found in the whole corpus."""

    wanted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    off: list[str] = field(default_factory=list)  # right program, other line
    misses: list[tuple[str, str]] = field(default_factory=list)  # rule, where
    alarms: list[tuple[Severity, str, str]] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    def recall(self, rules: Iterable[str]) -> float:
        """Found of wanted, over some rules; 1 if none was wanted."""
        rules = list(rules)
        wanted = sum(self.wanted[rule] for rule in rules)
        return sum(self.found[rule] for rule in rules) / wanted if wanted else 1.0


def programs() -> list[dict[str, Any]]:
    """The manifest."""
    text = (CORPUS / "manifest.json").read_text(encoding="utf-8")
    return list(json.loads(text))


def places(expected: dict[str, Any]) -> Iterator[tuple[str, int, int | None]]:
    """Every place (file, line, cell) where an expected finding may be shown."""
    cell = expected.get("cell")
    for line in (expected["line"], *expected.get("lines", ())):
        yield expected["file"], line, cell
    for other in expected.get("elsewhere", ()):
        yield other["file"], other["line"], other.get("cell")


def findings_of(program: dict[str, Any]) -> list[Finding]:
    """What the doctor says of one program; paths as in the manifest."""
    result: Any = check([CORPUS / program["path"]])
    return list(getattr(result, "findings", result))


def file_of(finding: Finding) -> str:
    assert finding.path is not None
    return Path(finding.path).resolve().relative_to(CORPUS).as_posix()


def judge(score: Score, program: dict[str, Any], findings: list[Finding]) -> None:
    """Count one program."""
    allowed = set(program.get("allowed", ()))
    todo = list(program["expected"])
    for expected in todo:
        score.wanted[expected["rule"]] += 1
    loud = [f for f in findings if f.severity is not Severity.HINT]
    here = {id(f): (file_of(f), f.line, f.cell) for f in loud}
    open_: dict[str, list[dict[str, Any]]] = defaultdict(list)
    left: list[Finding] = []
    for expected in todo:
        open_[expected["rule"]].append(expected)
    done: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for finding in loud:
        for expected in open_[finding.rule]:
            if here[id(finding)] in places(expected):
                open_[finding.rule].remove(expected)
                done[finding.rule].append(expected)
                score.found[finding.rule] += 1
                break
        else:
            left.append(finding)
    for finding in left:
        where = ":".join(str(part) for part in here[id(finding)] if part is not None)
        said = f"{where} {finding.message}"
        if any(here[id(finding)] in places(e) for e in done[finding.rule]):
            score.twice.append(f"{finding.rule} {said}")
        elif open_[finding.rule]:
            expected = open_[finding.rule].pop()
            score.found[finding.rule] += 1
            score.off.append(f"{finding.rule} line {expected['line']} expected: {said}")
        elif finding.rule not in allowed or finding.severity is Severity.ERROR:
            score.alarms.append((finding.severity, finding.rule, said))
    for rule, missed in open_.items():
        for expected in missed:
            score.misses.append((rule, f"{expected['file']}:{expected['line']}"))


def run(rules: set[str] | None = None) -> Score:
    """Judge every program, by all rules or by some."""
    score = Score()
    for program in programs():
        findings = findings_of(program)
        if rules is not None:
            kept = [e for e in program["expected"] if e["rule"] in rules]
            program = program | {"expected": kept}
            findings = [f for f in findings if f.rule in rules]
        judge(score, program, findings)
    return score


def main() -> None:
    """Print the table."""
    wished = {arg.upper() for arg in sys.argv[1:]}
    rules = {rule for rule, code in CODES.items() if code in wished} if wished else None
    score = run(rules)
    alarms = Counter(rule for _, rule, _ in score.alarms)
    print(f"{'rule':34} wanted found alarms  precision recall")
    for rule in CODES:
        if not score.wanted[rule] and not alarms[rule]:
            continue
        found, wanted = score.found[rule], score.wanted[rule]
        said = found + alarms[rule]
        precision = f"{found / said:9.2f}" if said else "        -"
        recall = f"{found / wanted:6.2f}" if wanted else "     -"
        row = f"{wanted:6} {found:5} {alarms[rule]:6}  {precision} {recall}"
        print(f"{CODES[rule]} {rule:28} {row}")
    found, wanted = score.found.total(), score.wanted.total()
    print(f"\nall: {found} of {wanted} found, {len(score.alarms)} false alarms")
    for title, lines in (
        ("Missed", [f"{rule} {where}" for rule, where in score.misses]),
        ("False alarms", [f"{s} {rule} {said}" for s, rule, said in score.alarms]),
        ("In another line", score.off),
        ("Said twice", score.twice),
    ):
        if lines:
            print(f"\n{title}:")
            print("\n".join(f"  {line}" for line in lines))


if __name__ == "__main__":
    main()
