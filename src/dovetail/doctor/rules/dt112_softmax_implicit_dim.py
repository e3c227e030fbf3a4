"""DT112: softmax without dim."""

from collections.abc import Iterator
from typing import ClassVar, Final, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._edits import with_implicit_dim
from dovetail.doctor._project import Project

_FUNCTIONS: Final = {
    "torch.nn.functional.softmax": 1,
    "torch.nn.functional.log_softmax": 1,
    "torch.nn.functional.softmin": 1,
}
_LAYERS: Final = {
    "torch.nn.Softmax": 0,
    "torch.nn.LogSoftmax": 0,
    "torch.nn.Softmin": 0,
}


@final
class SoftmaxImplicitDim(Rule):
    """Softmax is not told its axis, and guesses by an old rule.

    The rule is dim 0 for tensors of 0, 1 or 3 axes, else dim 1. So a batch of sequences
    (n, t, classes) is normalised over the batch, and the same layer means another thing
    when the input gains an axis. torch warns once, in the middle of the training log.

    Say which axis: dim=1 for (n, classes), dim=-1 where classes come last.

    Not seen: a softmax of another library, and an axis that is given and wrong (DT111).
    """

    id: ClassVar = "softmax-implicit-dim"
    code: ClassVar = "DT112"
    severity: ClassVar = Severity.WARNING
    title: ClassVar = "Softmax without dim"
    title_zh: ClassVar = "softmax 没有写 dim"
    seen: ClassVar = "S"
    fix: ClassVar = "say the axis: dim=1 for (n, classes), dim=-1 for the last"
    fix_zh: ClassVar = "写明维度：(n, 类别) 用 dim=1，类别在最后用 dim=-1"
    bad: ClassVar = """\
import torch
import torch.nn.functional as F

probs = F.softmax(torch.randn(8, 3))
"""
    good: ClassVar = """\
import torch
import torch.nn.functional as F

probs = F.softmax(torch.randn(8, 3), dim=1)
"""
    page_zh: ClassVar = """\
没有告诉 softmax 沿哪一维，它按旧规则去猜。

规则是：0、1、3 维的张量用 dim 0，其余用 dim 1。于是一批序列 (n, t, 类别) 会沿批次做
归一化；同一层在输入多一维时含义就变了。torch 只在训练日志中间警告一次。

请写明哪一维：(n, 类别) 用 dim=1，类别在最后用 dim=-1。

查不到的情况：其他库的 softmax；写明了却写错的维度（DT111）。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        ranks = {o.node: o.tensor.rank for o in project.facts.operations}
        for source in project.sources:
            if "oftm" not in source.text:
                continue
            for call in project.calls(source):
                name = project.qualname(source, call.func)
                at = _FUNCTIONS.get(name or "", _LAYERS.get(name or ""))
                if at is None or len(call.args) > at:
                    continue
                if any(k.arg in ("dim", None) for k in call.keywords):
                    continue
                if any(type(a).__name__ == "Starred" for a in call.args):
                    continue
                short = (name or "").rpartition(".")[2]
                yield self.finding(
                    source,
                    call,
                    f"{short} without dim: dim 0 for 1 or 3 axes, else dim 1",
                    **with_implicit_dim(source, call, ranks.get(call)),
                )
