"""DT506 weight-instead-of-pos-weight."""

import ast
import re
from collections.abc import Iterator
from typing import ClassVar, Final, final

from dovetail.doctor._base import Edit, Finding, Rule, Severity
from dovetail.doctor._project import Project
from dovetail.doctor._source import Source
from dovetail.doctor._written import written

CLASS: Final = "torch.nn.BCEWithLogitsLoss"
FUNCTION: Final = "torch.nn.functional.binary_cross_entropy_with_logits"
_POSITIVE: Final = r"pos|positives?|fraud|minority"
_NEGATIVE: Final = r"neg|negatives?|majority"


@final
class WeightInsteadOfPosWeight(Rule):
    """The ratio of negatives to positives is given as ``weight=`` of the logit loss.

    ``weight`` multiplies the whole loss of a row, positives and negatives alike. One
    number therefore only scales the loss, as a larger learning rate would, and
    rebalances nothing: with 1 % positives the best constant prediction stays 0.01.
    ``pos_weight`` multiplies the positive term alone; with neg/pos = 99 the best
    constant becomes 0.5.

    Reported where the value is one number that is called pos_weight or is a count of
    negatives divided by one of positives. Not seen: other names. Weights of rows or
    labels, masks, and ``torch.where(y == 1, ratio, 1)`` are right.
    """

    id = "weight-instead-of-pos-weight"
    code = "DT506"
    severity = Severity.WARNING
    title = "A class ratio given as weight=, which rebalances nothing"
    title_zh = "把类别比例传给 weight=，起不到平衡作用"
    seen = "S"
    fix = "pass it as pos_weight="
    fix_zh = "改用 pos_weight= 传入"
    bad = """\
import torch
from torch import nn

neg, pos = 900, 100
loss_fn = nn.BCEWithLogitsLoss(weight=torch.tensor([neg / pos]))
"""
    good = """\
import torch
from torch import nn

neg, pos = 900, 100
loss_fn = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([neg / pos]))
"""
    page_zh = """\
把负正样本之比传给了 logit 损失的 ``weight=``。

``weight`` 乘的是一行的全部损失，正负样本一视同仁。单个数因此只是放大损失，等于换了
更大的学习率，什么也没有平衡：正样本占 1 % 时，最优的常数预测仍是 0.01。
``pos_weight`` 只乘正样本那一项；取 neg/pos = 99 时，最优的常数变为 0.5。

只在该值是一个数、且名为 pos_weight 或为负样本数除以正样本数时报告。看不到的：其他名
字。按行或按标签的权重、掩码以及 ``torch.where(y == 1, ratio, 1)`` 是对的。
"""
    figures: ClassVar = {
        "weight-ratio.best-constant": "0.01",
        "pos-weight-ratio.best-constant": "0.5",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        for source in project.sources:
            if "BCEWithLogits" not in source.text and "with_logits" not in source.text:
                continue
            for call in project.calls(source):
                name = project.qualname(source, call.func)
                if name not in (CLASS, FUNCTION):
                    continue
                given, edits = _weight(source, call, 0 if name == CLASS else 2)
                if given is not None and _is_ratio(source, given):
                    yield self.finding(
                        source,
                        call,
                        "weight= scales the loss of positives and negatives alike: a "
                        "class ratio belongs in pos_weight=",
                        edits=edits,
                    )


def _weight(
    source: Source, call: ast.Call, position: int
) -> tuple[ast.expr | None, list[Edit]]:
    if any(k.arg == "pos_weight" for k in call.keywords):
        return None, []
    for keyword in call.keywords:
        if keyword.arg == "weight":
            line, column = keyword.lineno, keyword.col_offset
            if source.starts:
                return keyword.value, []  # a notebook is not mended
            at = source.characters(line, column)
            edit = Edit(line, at, line, at + len("weight"), "pos_weight")
            return keyword.value, [edit]
    if len(call.args) > position:
        return call.args[position], []
    return None, []


def _is_ratio(source: Source, node: ast.expr, depth: int = 0) -> bool:
    """Is it one number, called pos_weight or negatives divided by positives?"""
    if depth > 6:
        return False
    match node:
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _counts(left, _NEGATIVE) and _counts(right, _POSITIVE)
        case ast.Call(func=func, args=[value, *_]):
            last = func.attr if isinstance(func, ast.Attribute) else written(func)
            if last in ("tensor", "as_tensor", "FloatTensor", "Tensor", "float"):
                return _is_ratio(source, value, depth + 1)
            if last in ("to", "cuda") and isinstance(func, ast.Attribute):
                return _is_ratio(source, func.value, depth + 1)
        case ast.Call(func=ast.Attribute(value=owner, attr="float" | "cuda" | "cpu")):
            return _is_ratio(source, owner, depth + 1)
        case ast.List(elts=[value]):
            return _is_ratio(source, value, depth + 1)
        case ast.Name() | ast.Attribute():
            text = written(node)
            if re.search(r"(^|[._])pos(itive)?_?w(eight)?s?$", text.lower()):
                return True
            values = [
                n.value
                for n in ast.walk(source.tree)
                if isinstance(n, ast.Assign)
                and any(written(target) == text for target in n.targets)
            ]
            return len(values) == 1 and _is_ratio(source, values[0], depth + 1)
    return False


def _counts(node: ast.expr, kind: str) -> bool:
    """Does a name say that positives, or negatives, are counted?"""
    names = [
        n.id if isinstance(n, ast.Name) else n.attr
        for n in ast.walk(node)
        if isinstance(n, ast.Name | ast.Attribute)
    ]
    return any(
        re.fullmatch(
            rf"(n(um)?_|count_|total_)?({kind})(_(count|n|num|samples|cnt))?", n.lower()
        )
        for n in names
    )
