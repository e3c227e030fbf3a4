"""Findings made from numbers: one for each cause, of the doctor's catalogue."""

from collections import Counter
from collections.abc import Hashable, Iterator

from dovetail.doctor._base import CODES, Finding, Severity
from dovetail.doctor.rules import rule_named


def severity_of(rule: str) -> Severity:
    """The usual severity of a rule, as its page says.

    >>> severity_of("dead-outputs").value
    'warning'
    """
    found = rule_named(rule)
    assert found is not None, rule
    return found.severity


class Findings:
    """Findings in the making: the first of each cause is kept."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, Hashable], Finding] = {}
        # In a loop: the place that is looked at, whose nodes are others in each batch.
        self.site: Hashable = None
        self.seen: Counter[tuple[str, Hashable]] = Counter()

    def add(
        self,
        rule: str,
        message: str,
        fix: str,
        *,
        severity: Severity | None = None,
        cause: Hashable = None,
    ) -> None:
        """``cause`` tells one place from another; the same one is told once."""
        made = Finding(
            rule=rule,
            code=CODES[rule],
            severity=severity or severity_of(rule),
            message=message,
            fix=fix,
        )
        key = (rule, cause if self.site is None else self.site)
        self._made.setdefault(key, made)
        self.seen[key] += 1

    def has(self, *rules: str) -> bool:
        """Is one of these rules among them?"""
        return any(rule in rules for rule, _ in self._made)

    def drop(self, rule: str, site: Hashable) -> None:
        """Take back what has not been confirmed."""
        self._made.pop((rule, site), None)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._made.values())

    def __len__(self) -> int:
        return len(self._made)

    def ordered(self) -> list[Finding]:
        """Errors first, then warnings, then hints; each by code."""
        rank = list(Severity)
        return sorted(self, key=lambda f: (rank.index(f.severity), f.code))
