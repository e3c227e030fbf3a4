"""The chain in words: what was chosen, and why, with numbers from the data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from dovetail import decisions
from dovetail.report import start
from dovetail.report._text import call, listed, number, several, width
from dovetail.tasks import Reading, Task

Chain = list[tuple[str, str]]  # heading, sentences

# How the columns of each kind become features; one column's numbers stand in describe.
_ENCODED = {
    "number": "scaled by median and quartiles, outliers drawn in smoothly",
    "boolean": "-1 for no, 1 for yes, 0 for missing",
    "category": "an embedding for each value, for missing, and for rare or new ones",
    "datetime": "a line through time, and the seasons that vary",
}
_NOUNS = {
    "category": ("category", "categories"),
    "boolean": ("yes/no column", ""),
    "datetime": ("date or time", "dates or times"),
}
_STOPPED = {
    "early": "it stopped early, without improvement on the tune rows",
    "epochs": "all epochs ran",
    "time": "the time limit ended it",
}


def chain(
    task: Task,
    *,
    reading: Reading | None = None,
    loss_note: str = "",
    columns: Sequence[Sequence[str]] = (),
    rows: Mapping[str, Any] | None = None,
    rule: str = "",
    notes: Sequence[str] = (),
    warnings: Sequence[str] = (),
    config: Mapping[str, Any] | None = None,
    target: Sequence[str] = (),
    document: Mapping[str, Any] | None = None,
) -> Chain:
    """Heading and sentences for each link of the chain, in the order of the data flow.

    ``columns`` are rows of ``schema.describe()``: name, kind, reason, encoding.
    ``document`` is that of ``metrics.json`` once there is one; a key ``start_loss`` in
    it is the mean training loss of the bias alone.
    """
    document = document or {}
    told = [
        ("Warning", " ".join(_stop(w) for w in warnings)),
        ("Target", _target(target)),
        ("Task", _task(task, reading)),
        ("Balance", start.balance(task)),
        ("Rows", _rows(rows or {}, rule, (config or {}).get("folds"))),
        ("Inputs", _inputs(columns)),
        ("Set aside", _set_aside(columns)),
        ("Outputs", _outputs(task)),
        ("Loss", _loss(task, loss_note)),
        ("Start", start.start(task, document.get("start_loss"))),
        ("Inverse link", _stop(_capital(task.LINK))),
        ("Decision", _decision(task)),
        ("Metrics", _metrics(task)),
        ("Training", _training(config or {}, task, document.get("members"))),
        ("Result", result(document)),
        ("Notes", " ".join(_stop(n) for n in notes)),
    ]
    return [(heading, text) for heading, text in told if text]


def result(document: Mapping[str, Any]) -> str:
    """Score, interval and baseline of a ``metrics.json`` in sentences, or nothing."""
    if document.get("score") is None:
        return ""
    metric = document["metric"]
    detail = document.get("metrics", {}).get(metric, {})
    text = f"{metric} {number(document['score'])}"
    if detail.get("low") is not None:
        text += f" (95 % interval {number(detail['low'])} to {number(detail['high'])})"
    if document.get("baseline") is not None:
        text += (
            f"; the best answer that ignores the inputs has "
            f"{number(document['baseline'])}"
        )
    better = "higher" if document.get("higher_is_better") else "lower"
    text += f". The {better} the better."
    if document.get("best_epoch"):
        one = (document.get("members") or 1) == 1
        text += " The best epoch was" if one else " The median best epoch was"
        text += f" {document['best_epoch']}"
        text += f" of {document['epochs']}" if document.get("epochs") else ""
        why = _STOPPED.get(str(document.get("stopped")), "")
        text += f"; {why}." if why else "."
    return text


def as_text(chain: Iterable[tuple[str, str]], width: int = 100) -> str:
    """The chain for a terminal: headings on the left, sentences wrapped beside them.

    >>> print(as_text([("Task", "Binary."), ("Loss", "Softplus of the margin.")], 22))
    Task  Binary.
    Loss  Softplus of the
          margin.
    """
    links = list(chain)
    indent = max((len(heading) for heading, _ in links), default=0) + 2
    lines = []
    for heading, text in links:
        wrapped = _wrap(text, max(width - indent, 16))
        lines.append(f"{heading:<{indent}}{wrapped[0]}")
        lines += [" " * indent + line for line in wrapped[1:]]
    return "\n".join(lines)


def _target(target: Sequence[str]) -> str:
    if not target:
        return ""
    noun = "The column" if len(target) == 1 else f"{len(target)} columns:"
    return f"{noun} {listed(list(target), 12)}."


def _task(task: Task, reading: Reading | None) -> str:
    name = type(task).__name__
    problem = _stop(_capital(task.problem))
    if reading is None:
        return f"{name}, as asked. {problem}"
    text = f"{_stop(_capital(reading.reason))} {problem}"
    if reading.runner_up is not None:
        text += (
            f" The other reading is {type(reading.runner_up).__name__}; "
            "--task chooses it."
        )
    return text


def _rows(rows: Mapping[str, Any], rule: str, folds: int | None) -> str:
    if not rows:
        return ""
    text = several(rows.get("total", 0), "row")
    aside = [
        f"{rows[key]:,} {why}"
        for key, why in (
            ("missing_target", "without a target"),
            ("bad", "that could not be read"),
            ("weightless", "of weight 0"),
        )
        if rows.get(key)
    ]
    if aside:
        text += f", {listed(aside)} left out"
    end = f" Rule: {_stop(rule)}" if rule else ""
    if folds:
        tuned = f", each tuned on {rows['tune']:,} rows" if rows.get("tune") else ""
        return (
            f"{_stop(text)} {folds} models learn in folds{tuned} (best epoch, early "
            f"stopping); {rows.get('score', 0):,} rows score, each by a model that has "
            f"not seen it; a last model then learns from all {rows.get('train', 0):,}."
            f"{end}"
        )
    uses = [
        f"{rows[key]:,} {use}"
        for key, use in (
            ("train", "train the weights and everything learnt in preprocessing"),
            ("tune", "tune (best epoch, early stopping)"),
            ("score", "score, and nothing is chosen on them"),
        )
        if rows.get(key)
    ]
    text += f": {listed(uses)}" if uses else ""
    return f"{_stop(text)}{end}"


def _inputs(columns: Sequence[Sequence[str]]) -> str:
    by_kind: dict[str, list[str]] = {}
    for name, kind, *_ in columns:
        if kind != "set aside":
            by_kind.setdefault(kind, []).append(name)
    told = [
        f"{several(len(names), *_NOUNS.get(kind, (kind, '')))} "
        f"({listed(names)}): {_ENCODED.get(kind, 'used')}."
        for kind, names in by_kind.items()
    ]
    return _capital(" ".join(told))


def _set_aside(columns: Sequence[Sequence[str]]) -> str:
    aside = [
        f"{name} ({why})" for name, kind, why, *_ in columns if kind == "set aside"
    ]
    return _stop(listed(aside, 10)) if aside else ""


def _outputs(task: Task) -> str:
    names = start.shares(task)
    each = (
        f": one for each of {listed([name for name, _ in names], 6)}"
        if len(names) == task.head_size > 1
        else ""
    )
    return (
        f"{several(task.head_size, 'raw output')}{each}. The network ends without an "
        "activation, because the loss takes raw outputs."
    )


def _loss(task: Task, note: str) -> str:
    loss = task.loss
    values = [(f.name, getattr(loss, f.name)) for f in fields(loss) if f.repr]
    text = f"{call(type(loss).__name__, values)}: {loss.formula}, z being raw output."
    if loss.estimates != "probability":
        text += f" It estimates {loss.estimates}."
    if not loss.proper:
        text += " Probabilities are mapped back to the true law before they are used."
    return f"{text} {_stop(note)}" if note else text


def _decision(task: Task) -> str:
    rule = task.decision
    if isinstance(rule, decisions.Mean):
        return _stop(_capital(task.optimal_for))
    values = [(f.name, getattr(rule, f.name)) for f in fields(rule)]
    return f"{call(type(rule).__name__, values)}: {_stop(task.optimal_for)}"


def _metrics(task: Task) -> str:
    first, *others = [metric.name for metric in task.metrics]
    return f"{first} picks the best epoch; also reported: {listed(others, 20)}."


def _training(config: Mapping[str, Any], task: Task, kept: int | None) -> str:
    """``kept`` are the members that the model has; None before there is one."""
    told = []
    if optimizer := dict(config.get("optimizer") or {}):
        name = str(optimizer.pop("name", "the optimizer"))
        flat = [(k, v) for k, v in optimizer.items() if not isinstance(v, Mapping)]
        told.append(call(name, flat))
        schedule = dict(config["optimizer"].get("schedule") or {})
        if schedule:
            kind = str(schedule.pop("name", "schedule"))
            told.append(f"learning rate by {call(kind, list(schedule.items()))}")
    if config.get("epochs"):
        told.append(f"at most {several(config['epochs'], 'epoch')}")
    if config.get("batch_size"):
        told.append(f"batches of {several(config['batch_size'], 'row')}")
    if config.get("patience"):
        told.append(
            f"an end after {several(config['patience'], 'epoch')} without a better "
            f"{task.metrics[0].name}"
        )
    if config.get("average"):
        told.append("the moving average of the weights is kept")
    if config.get("precision") == "bfloat16":
        told.append("matrix products in bfloat16, weights and sums in float32")
    if config.get("clip"):
        told.append(f"gradients cut to norm {number(config['clip'])}")
    if "seed" in config:
        told.append(f"seed {config['seed']}")
    model = f"The model is {_model(config, kept)}. " if config.get("model") else ""
    return f"{model}{_stop(_capital(', '.join(told)))}" if told else model.strip()


def _model(config: Mapping[str, Any], kept: int | None) -> str:
    if config.get("members", 1) == 1:
        return str(config["model"])
    count = config["members"] if kept is None else kept
    return f"an ensemble of {count}, each {config['model']}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _stop(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?…。" else text + "."


def _wrap(text: str, room: int) -> list[str]:
    """Lines no wider than ``room`` where words allow; wide letters count two."""
    lines = [""]
    for word in text.split():
        if lines[-1] and width(lines[-1]) + 1 + width(word) > room:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
