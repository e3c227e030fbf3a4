"""The output against the loss: what was done to the scores before it was given them."""

from typing import Final

from torch import Tensor

from dovetail.diagnose import _figures as figures
from dovetail.diagnose._findings import Findings
from dovetail.diagnose._graph import Step
from dovetail.diagnose._numbers import adds_to_one, log_adds_to_one, span, within
from dovetail.diagnose._record import Call
from dovetail.doctor._base import Severity

# Activations that no score should pass; LeakyReLU and its kin lose no score, and are
# almost always a slip all the same.
_BOUNDS: Final = {
    "relu": "cannot be negative",
    "hardtanh": "stay between two bounds",
    "tanh": "stay in (-1, 1)",
    "softplus": "are all positive",
    "gelu": "cannot fall below -0.17",
    "silu": "cannot fall below -0.28",
    "mish": "cannot fall below -0.31",
    "hardswish": "cannot fall below -0.38",
    "elu": "cannot fall below a bound",
    "celu": "cannot fall below a bound",
}
_LEAKY: Final = frozenset({"leaky_relu", "prelu", "rrelu"})
_RAW: Final = "return raw scores; apply {name} only to show probabilities"


def check_output(call: Call, found: Findings) -> None:
    """Findings of one loss call on what was done to its prediction."""
    if not call.input.is_floating_point() or not call.input.numel():
        return
    if call.kind.takes == "scores":
        _scores(call, call.steps, call.input, found)
    elif call.kind.takes == "log_probs":
        _log_probs(call, found)
    elif call.kind.takes == "probs":
        _probs(call, found)


def _scores(
    call: Call, steps: tuple[Step, ...], scores: Tensor | None, found: Findings
) -> None:
    """``scores`` is None where they are known from the graph only."""
    classes = call.kind.of_classes
    axis = call.axis
    head = steps[0] if steps else None
    if classes and call.input.ndim and call.input.shape[axis] == 1:
        _single(call, found)
        return
    name = head.name if head is not None else ""
    if name == "softmax" and head is not None:
        _softmax(call, head, scores, found)
    elif name == "sigmoid" and head is not None:
        if not head.moved or scores is None or within(scores, 0, 1):
            _sigmoid(call, head, found)
    elif name == "log_softmax" and head is not None and classes and not head.moved:
        _log_softmax(call, head, scores, found)
    elif scores is not None and adds_to_one(scores, axis) and len(scores) > 1:
        _softmax(call, None, scores, found)
    elif head is not None and not head.moved and (name in _BOUNDS or name in _LEAKY):
        _activation(call, head, found)


def _single(call: Call, found: Findings) -> None:
    found.add(
        "single-output-softmax",
        f"{call.kind.name} is over one class: the input has shape "
        f"{tuple(call.input.shape)}. The softmax of one number is 1, so the loss is 0 "
        "whatever the model does, and nothing trains.",
        "for yes or no keep one output and use BCEWithLogitsLoss; for C classes give "
        "the last layer C outputs",
    )


def _softmax(
    call: Call, head: Step | None, scores: Tensor | None, found: Findings
) -> None:
    if head is not None and head.axis_size == 1:
        found.add(
            "single-output-softmax",
            "The model ends in a softmax over an axis of size 1: every output is 1 "
            "and no gradient passes.",
            "for yes or no return one raw score and use BCEWithLogitsLoss",
        )
        return
    axis = call.axis
    even = scores is None or adds_to_one(scores, axis)
    if head is not None and not even and not wrong_axis(call, head, found):
        return  # a part of a softmax, or one that was scaled: not followed
    where = "a softmax" if head is not None else "numbers in [0, 1] that add to 1"
    cause = id(head.node) if head is not None else None
    if call.kind.of_classes:
        count = call.input.shape[axis]
        shrink = ""
        result = getattr(head.node, "_saved_result", None) if head else scores
        if result is not None and even:
            along = head.axis if head is not None and head.axis is not None else axis
            factor = figures.softmax_shrink(result, along)
            shrink = f"; here it shrinks the gradient to about {factor:.2g} of itself"
        found.add(
            "softmax-before-cross-entropy",
            f"{call.kind.name} applies log-softmax itself, but is given {where}. With "
            f"{count} classes the loss cannot fall below "
            f"{figures.softmax_floor(count):.3f} nor rise above "
            f"{figures.softmax_ceiling(count):.3f}{shrink}.",
            _RAW.format(name="softmax"),
            cause=cause,
        )
        return
    labels = call.input.shape[-1] if call.input.ndim > 1 else 1
    target = call.target
    positives = 1.0
    if target is not None and target.ndim and target.shape == call.input.shape:
        positives = float(target.float().sum() * labels / target.numel())
    floor = figures.shared_floor(labels, positives)
    found.add(
        "softmax-before-bce-with-logits",
        f"{call.kind.name} applies the sigmoid itself, but is given {where}. {labels} "
        f"outputs share a total of 1: with {positives:.2g} true labels in a row the "
        f"best mean loss is {floor:.3f}, near log 2 whatever the model does.",
        "return raw scores from the model, one for each label",
        cause=cause,
    )


def wrong_axis(call: Call, head: Step, found: Findings) -> bool:
    """Is the softmax over another axis than the classes? Then it is a finding."""
    if head.moved or head.axis is None:
        return False
    result, x = head.node._saved_result, call.input
    shape = tuple(result.shape)
    if len(shape) < 2 or x.ndim < 2 or result.numel() != x.numel():
        return False  # a part of it: not followed
    classes = call.axis if call.kind.of_classes else x.ndim - 1
    if shape == tuple(x.shape):
        wrong = head.axis != classes and (call.kind.of_classes or head.axis == 0)
    else:
        wrong = call.kind.of_classes and head.axis_size != x.shape[classes]
    if not wrong:
        return False
    over = "the batch" if head.axis == 0 else f"axis {head.axis}"
    alone = ", and alone in a batch it would be 1" if head.axis == 0 else ""
    found.add(
        "softmax-wrong-dim",
        f"The {head.name.replace('_', '-')} is taken over {over} (size "
        f"{shape[head.axis]} of {shape}), not over the classes: an output depends on "
        f"its neighbours there{alone}.",
        "normalise over the classes: dim=1, or dim=-1 where they stand last",
        cause=id(head.node),
    )
    return True


def _sigmoid(call: Call, head: Step, found: Findings) -> None:
    if call.kind.of_classes:
        count = call.input.shape[call.axis]
        found.add(
            "sigmoid-before-cross-entropy",
            f"{call.kind.name} takes raw scores, but is given the output of a sigmoid: "
            f"scores in (0, 1) keep the loss of {count} classes above "
            f"{figures.softmax_floor(count):.3f}, and the greatest probability it can "
            f"see is {2.718281828 / (2.718281828 + count - 1):.3f}.",
            _RAW.format(name="an activation"),
            cause=id(head.node),
        )
        return
    rate = _positive_rate(call)
    floor = ""
    if call.target is not None:
        least = figures.sigmoid_floor(rate)
        floor = f"; with {rate:.0%} positives the loss cannot fall below {least:.3f}"
    found.add(
        "sigmoid-before-bce-with-logits",
        f"{call.kind.name} applies the sigmoid itself, but is given the output of one: "
        "it sees probabilities of 0.5 to 0.731 only. Negatives cost at least 0.693 "
        f"and positives 0.313{floor}.",
        "return raw scores from the model, or use BCELoss",
        cause=id(head.node),
    )


def _positive_rate(call: Call) -> float:
    target = call.target
    if target is None or not target.numel():
        return 0.5
    return min(max(float((target.float() > 0).float().mean()), 0.0), 1.0)


def _log_softmax(
    call: Call, head: Step, scores: Tensor | None, found: Findings
) -> None:
    if scores is not None and not log_adds_to_one(scores, call.axis):
        wrong_axis(call, head, found)
        return
    found.add(
        "log-softmax-before-cross-entropy",
        f"{call.kind.name} applies log-softmax itself, and is given the output of one: "
        "value and gradient stay the same, the work is done twice.",
        "return raw scores, or use NLLLoss",
        cause=id(head.node),
    )


def _activation(call: Call, head: Step, found: Findings) -> None:
    leaky = head.name in _LEAKY
    name = {"relu": "ReLU", "leaky_relu": "LeakyReLU"}.get(head.name, head.name)
    if leaky:
        harm = "negative scores are flattened"
    else:
        harm = f"the scores {_BOUNDS[head.name]}"
    if head.name == "tanh" and call.kind.of_classes:
        count = call.input.shape[call.axis]
        floor = figures.bounded_floor(count, -1.0, 1.0)
        harm += f", so the loss of {count} classes cannot fall below {floor:.3f}"
    elif head.name == "relu":
        dead = float((call.input.detach() <= 0).float().mean())
        harm += f": {dead:.0%} of them are 0 here, and those get no gradient"
    found.add(
        "activation-on-logits",
        f"{call.kind.name} takes raw scores, but they pass a {name} first: {harm}.",
        "end the model with the linear layer, without an activation",
        severity=Severity.WARNING if leaky else None,
        cause=id(head.node),
    )


def _log_probs(call: Call, found: Findings) -> None:
    x, steps, axis = call.input.detach(), call.steps, call.axis
    names = [step.name for step in steps]
    if x.ndim and x.shape[axis] == 1:
        _single(call, found)
    elif log_adds_to_one(x, axis):
        # Log-softmax and NLLLoss are cross-entropy: what came before is its input.
        if names[:1] == ["log_softmax"]:
            _scores(call, steps[1:], None, found)
        elif names[:2] == ["log", "softmax"]:
            _scores(call, steps[2:], None, found)
    elif within(x, 0, 1) and (names[:1] == ["softmax"] or adds_to_one(x, axis)):
        if names[:1] == ["softmax"] and not adds_to_one(x, axis):
            wrong_axis(call, steps[0], found)
        _no_log(call, found, "a softmax")
    elif within(x, 0, 1) and names[:1] == ["sigmoid"]:
        _no_log(call, found, "a sigmoid")
    elif names[:1] == ["log_softmax"]:
        wrong_axis(call, steps[0], found)
    elif bool((x > 1e-3).any()) or names[:1] == ["affine"]:
        low = float(x.min())
        found.add(
            "logits-into-nll",
            f"{call.kind.name} takes log-probabilities, but is given raw scores "
            f"({span(x)}; a log-probability is never above 0). The loss is minus the "
            "score of the true class: it has no lower bound, and the other classes "
            f"are never pushed down. One score of {low:.3g} counts as probability "
            f"{min(2.718281828**low, 99):.2g}.",
            "use CrossEntropyLoss, or end the model with log_softmax",
        )


def _no_log(call: Call, found: Findings, what: str) -> None:
    found.add(
        "softmax-into-nll",
        f"{call.kind.name} takes log-probabilities, but is given the output of {what}: "
        "the loss is minus the probability, between -1 and 0, and a row that is "
        "confidently wrong gets almost no gradient.",
        "use CrossEntropyLoss on raw scores, or log_softmax in the place of softmax",
    )


def _probs(call: Call, found: Findings) -> None:
    x, steps = call.input.detach(), call.steps
    name = steps[0].name if steps else ""
    if bool(x.isnan().any()):
        return
    if name == "sigmoid":
        _scores(call, steps[1:], None, found)
    elif name == "softmax":
        if steps[0].axis_size == 1:
            _softmax(call, steps[0], None, found)
        elif steps[0].axis == 0 and x.ndim > 1 and not adds_to_one(x, x.ndim - 1):
            wrong_axis(call, steps[0], found)
    inside = within(x, 0, 1)
    unbounded = name in ("affine", "relu", "softplus", "gelu", "silu", "elu", "tanh")
    if inside and not (unbounded and not steps[0].moved):
        return
    if inside and _clamped(call):
        return
    chance = " (in [0, 1] here by chance)" if inside else ""
    found.add(
        "logits-into-bce",
        f"{call.kind.name} takes probabilities, but is given {_words(name)} of "
        f"{span(x)}{chance}: outside [0, 1] it is undefined; the CPU refuses it, and "
        "on a GPU the process cannot go on.",
        "use BCEWithLogitsLoss, or apply a sigmoid first",
    )


def _clamped(call: Call) -> bool:
    node = call.input.grad_fn
    return node is not None and "Clamp" in str(node.name())


def _words(name: str) -> str:
    return "raw scores" if name in ("", "affine") else f"the output of {name}"
