"""Every rule that reads one loss call."""

from collections.abc import Iterable

from dovetail.diagnose._findings import Findings
from dovetail.diagnose._numbers import shape_text
from dovetail.diagnose._outputs import check_output
from dovetail.diagnose._record import Call, Record, Table
from dovetail.diagnose._targets import check_tables, check_target, note
from dovetail.diagnose._values import check_values
from dovetail.doctor._base import Severity


def check_calls(calls: Iterable[Call], tables: list[Table], found: Findings) -> None:
    """Findings of the calls a loss was made of."""
    for call in calls:
        check_target(call, found)
        if not found.has("swapped-loss-arguments"):
            check_output(call, found)
            check_values(call, found)
    if not found.has("target-shape-broadcast"):
        check_tables(tables, found)


def _graded(call: Call) -> bool:
    target = call.target
    return call.input.requires_grad or (target is not None and target.requires_grad)


def explain(record: Record, error: Exception, found: Findings, *, trains: bool) -> bool:
    """Does a rule say why the loss failed? Else the error gets a word, if we know one.

    Only the call that failed is looked at, or the last one where a criterion of the
    user's own failed. ``trains``: has the model parameters that ask for a gradient?
    """
    failed = [call for call in record.calls if call.failed is not None]
    if not failed:
        failed = record.calls[-1:]
    check_calls(failed, record.tables, found)
    if trains and failed and failed[0].failed and not _graded(failed[0]):
        found.add(
            "loss-detached",
            f"{failed[0].kind.name} is given a prediction of shape "
            f"{shape_text(failed[0].input)} that carries no gradient.",
            "give the scores of the model as they are, without argmax, a comparison, "
            "detach(), .data, numpy or item()",
        )
    if any(finding.severity is Severity.ERROR for finding in found):
        return True
    for call in failed:
        if word := note(call):
            error.add_note(f"dovetail: {word}")
    return False
