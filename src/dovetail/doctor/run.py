"""``check``: every rule over every file, with what is silenced left out."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._project import Project
from dovetail.doctor._run_project import at_ease
from dovetail.doctor.rules import every_rule
from dovetail.errors import DataError

if TYPE_CHECKING:
    from dovetail.doctor._source import Source

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.HINT: 2}


def check(paths: Iterable[str | Path] | str | Path) -> list[Finding]:
    """The findings in files and folders, in the order of files and lines.

    Raises DataError for a path that does not exist.
    """
    findings, _ = examine(paths)
    return findings


def examine(
    paths: Iterable[str | Path] | str | Path,
    rules: Collection[Rule] | None = None,
) -> tuple[list[Finding], list[str]]:
    """Findings, and notes about what could not be read or followed."""
    listed = [paths] if isinstance(paths, str | Path) else list(paths)
    for path in listed:
        if not Path(path).exists():
            raise DataError(f"No file or folder {str(path)!r}.", fix="check the path")
    with at_ease():
        project = Project.read(listed)
        findings = check_project(project, rules)
    notes = [*project.notes, *project.facts.notes]
    if not project.sources and not notes:
        where = ", ".join(map(str, listed))
        notes = [f"nothing was read: no .py file and no notebook in {where}"]
    return findings, notes


def check_project(
    project: Project, rules: Collection[Rule] | None = None
) -> list[Finding]:
    """The findings in a project, one for each rule and place."""
    by_path = {source.path: source for source in project.sources}
    found: dict[object, Finding] = {}
    for rule in every_rule() if rules is None else rules:
        for finding in rule.check(project):
            if not _is_silenced(by_path, finding):
                at = (finding.path, finding.cell, finding.line, finding.column)
                found.setdefault((finding.code, *at), finding)
    order = {source.path: i for i, source in enumerate(project.sources)}
    return sorted(found.values(), key=lambda f: _order(order, f))


def _order(order: dict[str, int], finding: Finding) -> tuple[int, ...]:
    return (
        order.get(finding.path or "", 0),
        -1 if finding.cell is None else finding.cell,
        finding.line or 0,
        finding.column or 0,
        _RANK[finding.severity],
        int(finding.code[2:]),
    )


def _is_silenced(by_path: "dict[str, Source]", finding: Finding) -> bool:
    source = by_path.get(finding.path or "")
    if source is None or finding.line is None:
        return False
    line = finding.line
    if finding.cell is not None:
        line += source.starts[source.cells.index(finding.cell)] - 1
    return source.ignores(line, (finding.code, finding.rule))


__all__ = ["check", "check_project", "examine"]
