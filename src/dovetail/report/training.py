"""Rows, training and result in words."""

from collections.abc import Mapping
from typing import Any

from dovetail._phrases import (
    ROWS,
    Noun,
    Phrase,
    Said,
    joined,
    listed,
    sentence,
    stopped,
)
from dovetail.report._text import call, number
from dovetail.tasks import Task

_EPOCH = Noun("epoch", "epochs", "轮")

# -- rows -----------------------------------------------------------------------------

_LEFT_OUT = Phrase("{rows}, {aside} left out", "{rows}，其中{aside}已略去")
_NO_TARGET = Phrase("{n:,} without a target", " {n:,} 行没有目标")
_UNREADABLE = Phrase("{n:,} that could not be read", " {n:,} 行无法读取")
_WEIGHTLESS = Phrase("{n:,} of weight 0", " {n:,} 行权重为 0")
_RULE = Phrase("Rule: {rule}", "规则：{rule}")
_FOLDS = Phrase(
    "{folds} models learn in folds{tuned} (best epoch, early stopping); {score:,} rows "
    "score, each by a model that has not seen it; a last model then learns from all "
    "{train:,}.",
    "{folds} 个模型按折训练{tuned}（最佳轮次、早停）；{score:,} 行用于评分，每行都由没"
    "见过它的模型评分；最后一个模型再从全部 {train:,} 行学习。",
)
_TUNED = Phrase(", each tuned on {tune:,} rows", "，各在 {tune:,} 行上调优")
_TRAIN = Phrase(
    "{n:,} train the weights and everything learnt in preprocessing",
    "{n:,} 行训练权重以及预处理中学到的一切",
)
_TUNE = Phrase(
    "{n:,} tune (best epoch, early stopping)", "{n:,} 行调优（最佳轮次、早停）"
)
_SCORE = Phrase(
    "{n:,} score, and nothing is chosen on them", "{n:,} 行评分，不据以做任何选择"
)
_USES = Phrase("{rows}: {uses}", "{rows}：{uses}")


def rows(counts: Mapping[str, Any], rule: str, folds: int | None) -> Said:
    """Which rows decide what."""
    if not counts:
        return Said("", "")
    text: Said = ROWS(counts.get("total", 0))
    aside = [
        said(n=counts[key])
        for key, said in (
            ("missing_target", _NO_TARGET),
            ("bad", _UNREADABLE),
            ("weightless", _WEIGHTLESS),
        )
        if counts.get(key)
    ]
    if aside:
        text = _LEFT_OUT(rows=text, aside=listed(aside))
    end = _RULE(rule=stopped(rule)) if rule else Said("", "")
    if folds:
        tuned = _TUNED(tune=counts["tune"]) if counts.get("tune") else ""
        told = _FOLDS(
            folds=folds,
            tuned=tuned,
            score=counts.get("score", 0),
            train=counts.get("train", 0),
        )
        return joined([sentence(text), told, end])
    uses = [
        said(n=counts[key])
        for key, said in (("train", _TRAIN), ("tune", _TUNE), ("score", _SCORE))
        if counts.get(key)
    ]
    if uses:
        text = _USES(rows=text, uses=listed(uses, zh="；"))
    return joined([sentence(text), end])


# -- training -------------------------------------------------------------------------

_BY_SCHEDULE = Phrase("learning rate by {schedule}", "学习率按 {schedule}")
_AT_MOST = Phrase("at most {epochs}", "至多 {epochs}")
_BATCHES = Phrase("batches of {rows}", "每批 {rows}")
_PATIENCE = Phrase(
    "an end after {epochs} without a better {metric}",
    "{metric} 连续 {epochs}无改善即停止",
)
_AVERAGE = Said("the moving average of the weights is kept", "保留权重的滑动平均")
_BFLOAT16 = Said(
    "matrix products in bfloat16, weights and sums in float32",
    "矩阵乘法用 bfloat16，权重与求和用 float32",
)
_CLIP = Phrase("gradients cut to norm {norm}", "梯度裁剪到范数 {norm}")
_SEED = Phrase("seed {seed}", "种子 {seed}")
_MODEL = Phrase("The model is {model}.", "模型为 {model}。")
_TABULAR = Said("tabular", "tabular（表格网络）")
_OWN = Said("own", "own（自备网络）")
_ENSEMBLE = Phrase(
    "an ensemble of {n}, each {model}", "{n} 个成员的集成，每个为 {model}"
)


def training(config: Mapping[str, Any], task: Task, kept: int | None) -> Said:
    """``kept`` are the members that the model has; None before there is one."""
    told: list[str] = []
    if optimizer := dict(config.get("optimizer") or {}):
        name = str(optimizer.pop("name", "the optimizer"))
        flat = [(k, v) for k, v in optimizer.items() if not isinstance(v, Mapping)]
        told.append(call(name, flat))
        schedule = dict(config["optimizer"].get("schedule") or {})
        if schedule:
            kind = str(schedule.pop("name", "schedule"))
            told.append(_BY_SCHEDULE(schedule=call(kind, list(schedule.items()))))
    if config.get("epochs"):
        told.append(_AT_MOST(epochs=_EPOCH(config["epochs"])))
    if config.get("batch_size"):
        told.append(_BATCHES(rows=ROWS(config["batch_size"])))
    if config.get("patience"):
        epochs = _EPOCH(config["patience"])
        told.append(_PATIENCE(epochs=epochs, metric=task.metrics[0].name))
    if config.get("average"):
        told.append(_AVERAGE)
    if config.get("precision") == "bfloat16":
        told.append(_BFLOAT16)
    if config.get("clip"):
        told.append(_CLIP(norm=number(config["clip"])))
    if "seed" in config:
        told.append(_SEED(seed=config["seed"]))
    model = _MODEL(model=_model(config, kept)) if config.get("model") else ""
    return joined([model, sentence(joined(told, ", ", "，"))])


def _model(config: Mapping[str, Any], kept: int | None) -> str:
    one = {"tabular": _TABULAR, "own": _OWN}.get(config["model"], str(config["model"]))
    if config.get("members", 1) == 1:
        return one
    return _ENSEMBLE(n=config["members"] if kept is None else kept, model=one)


# -- result ---------------------------------------------------------------------------

_VALUE = Phrase("{metric} {score}", "{metric} 为 {score}")
_INTERVAL = Phrase(
    "{value} (95 % interval {low} to {high})", "{value}（95% 区间 {low} 到 {high}）"
)
_BASELINE = Phrase(
    "{value}; the best answer that ignores the inputs has {baseline}",
    "{value}；不看输入的最佳回答为 {baseline}",
)
_HIGHER = Phrase("{value}. The higher the better.", "{value}。越高越好。")
_LOWER = Phrase("{value}. The lower the better.", "{value}。越低越好。")
_BEST = Phrase("The best epoch was {epoch}", "最佳轮次是第 {epoch} 轮")
_MEDIAN_BEST = Phrase(
    "The median best epoch was {epoch}", "最佳轮次的中位数是第 {epoch} 轮"
)
_OF = Phrase("{best} of {epochs}", "{best}（共 {epochs} 轮）")
_WHY = Phrase("{best}; {why}.", "{best}；{why}。")
_STOPPED = {
    "early": Said(
        "it stopped early, without improvement on the tune rows",
        "调优行上不再改善，提前停止",
    ),
    "epochs": Said("all epochs ran", "跑完了所有轮次"),
    "time": Said("the time limit ended it", "到达时间上限而结束"),
}


def result(document: Mapping[str, Any]) -> Said:
    """Score, interval and baseline of a ``metrics.json`` in sentences, or nothing."""
    if document.get("score") is None:
        return Said("", "")
    metric = document["metric"]
    detail = document.get("metrics", {}).get(metric, {})
    value = _VALUE(metric=metric, score=number(document["score"]))
    if detail.get("low") is not None:
        ends = {"low": number(detail["low"]), "high": number(detail["high"])}
        value = _INTERVAL(value=value, **ends)
    if document.get("baseline") is not None:
        value = _BASELINE(value=value, baseline=number(document["baseline"]))
    told = [(_HIGHER if document.get("higher_is_better") else _LOWER)(value=value)]
    if document.get("best_epoch"):
        one = (document.get("members") or 1) == 1
        best = (_BEST if one else _MEDIAN_BEST)(epoch=document["best_epoch"])
        if document.get("epochs"):
            best = _OF(best=best, epochs=document["epochs"])
        why = _STOPPED.get(str(document.get("stopped")), "")
        told.append(_WHY(best=best, why=why) if why else sentence(best))
    return joined(told)
