"""The doctor inside flake8: codes DT101 and on among its others.

Found by itself where both are installed; ``flake8 --select DT`` shows them alone.
flake8 hands over one file at a time, so what spans files (a network in one, its loss in
another) is seen only by ``dovetail doctor PATH``. It knows no severities either: errors
and warnings are reported, hints are not.
"""

import ast
from collections.abc import Iterator, Sequence
from typing import ClassVar, final

from dovetail._version import __version__
from dovetail.doctor._base import Severity
from dovetail.doctor._project import Project
from dovetail.doctor._run_project import at_ease
from dovetail.doctor._source import Unreadable, parse
from dovetail.doctor.run import check_project


@final
class Plugin:
    """What flake8 makes for each file; it goes by the names of the parameters."""

    name: ClassVar = "dovetail-doctor"
    version: ClassVar = __version__

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:
        self.filename = filename
        self.text = "".join(lines)

    def run(self) -> Iterator[tuple[int, int, str, type["Plugin"]]]:
        """Line from 1, column from 0, code and message, and who says so."""
        with at_ease():
            try:
                source = parse(self.text, self.filename)
            except Unreadable:  # flake8 says so itself
                return
            findings = check_project(Project([source]))
        for f in findings:
            if f.severity is not Severity.HINT:
                text = f"{f.code} [{f.rule}] {f.message}"
                yield f.line or 1, (f.column or 1) - 1, text, type(self)
