"""What a rule is, and what it finds.

A rule is one mistake. Its class docstring is its page in the docs, ``bad`` and ``good``
are its test; the static half (``dovetail doctor``) calls ``check``, the run-time half
(``dovetail.diagnose``) makes findings of the same rules from numbers.
"""

import ast
from abc import ABC
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Final

if TYPE_CHECKING:
    from dovetail.doctor._project import Project
    from dovetail.doctor._source import Source


class Severity(StrEnum):
    """How sure it is that something else happens than was meant.

    error    in every case we can think of; sets exit status 8
    warning  almost always, or it only costs memory or schedule; 8 with ``--strict``
    hint     legal, a better form exists, or it cannot be made sure of
    """

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, order=True)
class Edit:
    """Text to put in the place of a piece of a file; lines from 1, columns from 0.

    Columns count characters, as in the text of the line.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One mistake in one place; ``path`` is None where it was seen at run time."""

    rule: str
    code: str
    severity: Severity
    message: str
    fix: str
    path: str | None = None  # as given, with forward slashes
    line: int | None = None  # from 1; in a notebook inside its cell
    column: int | None = None  # from 1, in characters
    cell: int | None = None  # of a notebook, over all cells from 0
    edits: tuple[Edit, ...] = ()
    safe: bool = False  # may ``edits`` be made without asking?

    def to_json(self) -> dict[str, Any]:
        """The document of ``--format json``."""
        return {
            "rule": self.rule,
            "code": self.code,
            "severity": str(self.severity),
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "cell": self.cell,
            "message": self.message,
            "fix": self.fix,
            "page": page_path(self.code),
        }


def page_path(code: str, lang: str = "en") -> str:
    """Where a rule's page lies in the repository."""
    return f"docs/doctor/rules/{code}{'.zh-CN' if lang == 'zh' else ''}.md"


class Rule(ABC):
    """One mistake; subclasses state what is below, and ``check`` where it can be read.

    Codes: DT1xx output and loss, DT2xx targets, DT3xx decision and metric, DT4xx
    training loop, DT5xx optimizer and class weights, DT6xx seen only at run time.
    """

    id: ClassVar[str]  # kebab-case, a promise
    code: ClassVar[str]
    severity: ClassVar[Severity]  # the usual one
    title: ClassVar[str]  # what is wrong, in one line
    title_zh: ClassVar[str]
    seen: ClassVar[str]  # "S" statically, "R" at run time, "SR" both
    fix: ClassVar[str]  # how to mend it, one line
    fix_zh: ClassVar[str]
    bad: ClassVar[str]  # a program with this finding and no other error
    good: ClassVar[str]  # the same, mended
    page_zh: ClassVar[str]  # the docstring in Chinese
    # Measured or computed figures of the page as it quotes them, by the name that
    # they have in docs/doctor/figures.json.
    figures: ClassVar[Mapping[str, str]] = {}

    def check(self, project: "Project") -> Iterator[Finding]:
        """Findings in the sources of a project; none where only running shows it."""
        return iter(())

    def finding(
        self,
        source: "Source",
        node: ast.AST,
        message: str,
        *,
        severity: Severity | None = None,
        fix: str | None = None,
        edits: Iterable[Edit] = (),
        safe: bool = False,
    ) -> Finding:
        """A finding of this rule at a node; severity and fix are the usual ones."""
        place = source.place(node)
        return Finding(
            rule=self.id,
            code=self.code,
            severity=severity or self.severity,
            message=message,
            fix=fix or self.fix,
            path=place.path,
            line=place.line,
            column=place.column,
            cell=place.cell,
            edits=tuple(edits),
            safe=safe,
        )


CODES: Final = {
    "softmax-before-cross-entropy": "DT101",
    "log-softmax-before-cross-entropy": "DT102",
    "sigmoid-before-bce-with-logits": "DT103",
    "softmax-before-bce-with-logits": "DT104",
    "sigmoid-before-cross-entropy": "DT105",
    "logits-into-bce": "DT106",
    "logits-into-nll": "DT107",
    "softmax-into-nll": "DT108",
    "log-of-softmax": "DT109",
    "sigmoid-with-bce": "DT110",
    "softmax-wrong-dim": "DT111",
    "softmax-implicit-dim": "DT112",
    "single-output-softmax": "DT113",
    "activation-on-logits": "DT114",
    "activation-on-regression": "DT115",
    "swapped-loss-arguments": "DT116",
    "onehot-target-for-class-index": "DT201",
    "float-target-for-cross-entropy": "DT202",
    "int-target-for-bce": "DT203",
    "target-shape-broadcast": "DT204",
    "label-out-of-range": "DT205",
    "labels-start-at-one": "DT206",
    "logits-thresholded-at-half": "DT301",
    "argmax-for-multi-label": "DT302",
    "softmax-for-multi-label": "DT303",
    "missing-zero-grad": "DT401",
    "zero-grad-before-step": "DT402",
    "step-before-backward": "DT403",
    "scheduler-before-optimizer": "DT404",
    "missing-eval-mode": "DT405",
    "missing-train-mode": "DT406",
    "missing-no-grad": "DT407",
    "loss-graph-retained": "DT408",
    "loss-detached": "DT409",
    "optimizer-misses-parameters": "DT501",
    "unregistered-parameters": "DT502",
    "optimizer-before-to": "DT503",
    "class-weight-length": "DT504",
    "class-weight-device": "DT505",
    "weight-instead-of-pos-weight": "DT506",
    "no-gradient-to-parameters": "DT601",
    "step-changes-nothing": "DT602",
    "outputs-depend-on-batch": "DT603",
    "dead-outputs": "DT604",
    "initial-loss-far-above-null": "DT605",
    "wrong-reduction": "DT606",
    "cell-accuracy-for-multi-label": "DT607",
}
"""The code of every rule: promises, never given to another."""
