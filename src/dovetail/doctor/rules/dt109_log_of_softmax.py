"""DT109: the logarithm of a softmax or sigmoid, in two steps."""

import ast
from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._edits import as_fused_log
from dovetail.doctor._project import Project
from dovetail.doctor._values import Tensor, options_of


@final
class LogOfSoftmax(Rule):
    """The logarithm of a softmax (or sigmoid) is taken in a second step.

    In float32 softmax is exactly 0 for a score 104 below the largest (float16: 17.5),
    so the log is -inf and its gradient NaN, which then reaches every weight.
    log_softmax computes z - log sum exp z without the detour and is finite for any
    scores.

    Take log_softmax in place of log(softmax), logsigmoid in place of log(sigmoid). With
    a small number added or a clamp the gradient is finite but wrong; that is a hint.

    Not seen: the log of a sum of several softmaxes, which has no such form, and numpy.
    """

    id: ClassVar = "log-of-softmax"
    code: ClassVar = "DT109"
    severity: ClassVar = Severity.WARNING
    title: ClassVar = "log(softmax(x)) in two steps underflows"
    title_zh: ClassVar = "先 softmax 再取对数会下溢"
    seen: ClassVar = "S"
    fix: ClassVar = "take log_softmax (or logsigmoid), which does both at once"
    fix_zh: ClassVar = "用 log_softmax（或 logsigmoid）一步算完"
    bad: ClassVar = """\
import torch

scores = torch.randn(8, 3)
logp = torch.log(torch.softmax(scores, dim=1))
"""
    good: ClassVar = """\
import torch

scores = torch.randn(8, 3)
logp = torch.log_softmax(scores, dim=1)
"""
    page_zh: ClassVar = """\
先做 softmax（或 sigmoid），再另取对数。

float32 下，比最大得分低 104 的得分经 softmax 后恰好为 0（float16 是 17.5），对数为
-inf，梯度为 NaN，并传到所有权重。log_softmax 直接计算 z - log sum exp z，对任何得分
都有限。

用 log_softmax 代替 log(softmax)，用 logsigmoid 代替 log(sigmoid)。加了小常数或做了
截断时梯度有限但不准，只作提示。

查不到的情况：若干 softmax 之和的对数（没有这种写法），以及 numpy 代码。
"""
    figures: ClassVar = {
        "softmax-is-zero.from.float32": "104",
        "softmax-is-zero.from.float16": "17.5",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        seen = set()
        for operation in project.facts.operations:
            tensor, of = operation.tensor, operation.tensor.of
            if tensor.op != "log" or not isinstance(of, Tensor):
                continue
            if of.op not in ("softmax", "sigmoid") or operation.node in seen:
                continue
            if "indexed" in of.traits:
                continue
            seen.add(operation.node)
            fused = "log_softmax" if of.op == "softmax" else "logsigmoid"
            guarded = "guarded" in of.traits
            if _is_one_of_several(project, operation.node):
                # The other ones have no such form, so neither has this log.
                yield self.finding(
                    operation.source,
                    operation.node,
                    f"log of what may be a {of.op}: -inf where it underflows",
                    severity=Severity.HINT,
                    fix=f"where it is a {of.op}, take {fused} in its place",
                )
                continue
            yield self.finding(
                operation.source,
                operation.node,
                f"log of a {of.op}: "
                + (
                    "the guard keeps it finite, but the gradient is wrong where it acts"
                    if guarded
                    else "-inf and a NaN gradient where it underflows"
                ),
                severity=Severity.HINT if guarded else None,
                fix=f"take {fused}, which does both at once",
                **({} if guarded else as_fused_log(project, operation)),
            )


def _is_one_of_several(project: Project, node: ast.AST) -> bool:
    """Can what the log is taken of be probabilities of another origin as well?"""
    fact = project.facts.calls.get(node) if isinstance(node, ast.Call) else None
    options = () if fact is None else options_of(fact.result)
    kinds = {
        option.of.op
        for option in options
        if isinstance(option, Tensor) and isinstance(option.of, Tensor)
    }
    return not kinds <= {"softmax", "sigmoid"} and not kinds.isdisjoint(
        {"softmax", "sigmoid"}
    )
