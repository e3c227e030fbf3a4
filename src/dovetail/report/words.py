"""The chain in words: what was chosen, and why, with numbers from the data."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import pyarrow as pa
from torch import Tensor

from dovetail import decisions
from dovetail._phrases import Noun, Phrase, Said, joined, listed, sentence, stopped
from dovetail.report import columns as told_columns
from dovetail.report import start
from dovetail.report._text import call
from dovetail.report.balance import balance
from dovetail.report.heard import heard
from dovetail.report.meanings import told as told_metrics
from dovetail.report.neighbours import why_not
from dovetail.report.outputs import outputs
from dovetail.report.runners_up import other_reading
from dovetail.report.training import result, rows, training
from dovetail.tasks import Reading, Task

Chain = list[tuple[str, str]]  # heading, sentences

WARNING = Said("Warning", "警告")
TARGET = Said("Target", "目标")
TASK = Said("Task", "任务")
BALANCE = Said("Balance", "分布")
ROWS = Said("Rows", "行")
INPUTS = Said("Inputs", "输入")
COLUMNS = Said("Columns", "各列")
SET_ASIDE = Said("Set aside", "搁置")
OUTPUTS = Said("Outputs", "输出")
LOSS = Said("Loss", "损失函数")
START = Said("Start", "起点")
LINK = Said("Inverse link", "逆链接")
DECISION = Said("Decision", "决策规则")
METRICS = Said("Metrics", "评估指标")
TRAINING = Said("Training", "训练")
RESULT = Said("Result", "结果")
NOTES = Said("Notes", "备注")

_COLUMN = Phrase("The column {name}.", "列 {name}。")
_SEVERAL = Phrase("{columns}: {names}.", "{columns}：{names}。")
_COLUMNS = Noun("column", "columns", "列")
_AS_ASKED = Phrase("{task}, as asked.", "{task}，按要求。")
_FORMULA = Phrase(
    "{loss}: {formula}, z being raw output.", "{loss}：{formula}，z 为原始输出。"
)
_ESTIMATES = Phrase("It estimates {estimates}.", "它估计{estimates}。")
_MAPPED_BACK = Said(
    "Probabilities are mapped back to the true law before they are used.",
    "概率在使用前先换算回真实分布。",
)
_RULE = Phrase("{rule}: {optimal}", "{rule}：{optimal}")
_HOW = {
    "MedianRank": Said(
        "It is the first class j with P(y <= j) >= 0.5.",
        "即满足 P(y <= j) >= 0.5 的第一个类别 j。",
    ),
    "LeastCost": Said(
        "Every class is weighed with what it would cost where another one is true.",
        "对每个类别，按其他类别才是真实时的代价加权。",
    ),
}


def chain(
    task: Task,
    *,
    reading: Reading | None = None,
    loss_note: str = "",
    columns: Sequence[Sequence[str]] = (),
    table: pa.Table | None = None,
    truth: Tensor | None = None,
    start_loss: float | None = None,
    rows: Mapping[str, Any] | None = None,
    rule: str = "",
    notes: Sequence[str] = (),
    warnings: Sequence[str] = (),
    config: Mapping[str, Any] | None = None,
    target: Sequence[str] = (),
    document: Mapping[str, Any] | None = None,
) -> Chain:
    """Heading and sentences for each link of the chain, in the order of the data flow.

    ``columns`` are rows of ``schema.describe()``: name, kind, reason, encoding;
    ``table`` holds their cells and ``truth`` the encoded targets, from which columns
    and balance are counted. ``start_loss`` is the mean training loss of the bias alone;
    ``document``, that of ``metrics.json`` once there is one, holds it too.

    All of it is English text that knows its Chinese: see ``as_text``.
    """
    document = document or {}
    config = config or {}
    known_start = document.get("start_loss", start_loss)
    facts = {} if table is None else told_columns.facts_of(table, columns)
    told = [
        (WARNING, joined(stopped(heard(w)) for w in warnings)),
        (TARGET, _target(target)),
        (TASK, _task(task, reading)),
        (BALANCE, balance(task, truth)),
        (ROWS, _rows(rows, rule, config)),
        (INPUTS, told_columns.inputs(columns)),
        (COLUMNS, told_columns.each(columns, facts) if facts else Said("", "")),
        (SET_ASIDE, told_columns.set_aside(columns)),
        (OUTPUTS, outputs(task)),
        (LOSS, _loss(task, loss_note)),
        (START, start.start(task, known_start)),
        (LINK, sentence(task.LINK)),
        (DECISION, _decision(task)),
        (METRICS, told_metrics(task)),
        (TRAINING, training(config, task, document.get("members"))),
        (RESULT, result(document)),
        (NOTES, joined(stopped(heard(n)) for n in notes)),
    ]
    return [(heading, text) for heading, text in told if text]


def _rows(
    counts: Mapping[str, Any] | None, rule: str, config: Mapping[str, Any]
) -> Said:
    return rows(counts or {}, rule, config.get("folds"))


def _target(target: Sequence[str]) -> Said:
    if not target:
        return Said("", "")
    if len(target) == 1:
        return _COLUMN(name=target[0])
    names = listed(list(target), 12)
    return _SEVERAL(columns=_COLUMNS(len(target)), names=names)


def _task(task: Task, reading: Reading | None) -> Said:
    problem = sentence(task.problem)
    if reading is None:
        return joined([_AS_ASKED(task=type(task).__name__), problem])
    return joined([sentence(reading.reason), problem, other_reading(reading)])


def _loss(task: Task, note: str) -> Said:
    loss = task.loss
    values = [(f.name, getattr(loss, f.name)) for f in fields(loss) if f.repr]
    name = call(type(loss).__name__, values)
    parts: list[str] = [_FORMULA(loss=name, formula=loss.formula)]
    if loss.estimates != "probability":
        parts.append(_ESTIMATES(estimates=loss.estimates))
    if not loss.proper:
        parts.append(_MAPPED_BACK)
    parts += [why_not(task, loss), stopped(note)]
    return joined(parts)


def _decision(task: Task) -> Said:
    rule = task.decision
    if isinstance(rule, decisions.Mean):
        return sentence(task.optimal_for)
    values = [(f.name, getattr(rule, f.name)) for f in fields(rule)]
    name = call(type(rule).__name__, values)
    how = _HOW.get(type(rule).__name__, "")
    return joined([_RULE(rule=name, optimal=stopped(task.optimal_for)), how])
