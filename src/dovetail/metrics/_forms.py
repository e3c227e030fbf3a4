"""The forms in which predictions and truths come, checked and in float64.

form     prediction                 truth
index    class index (n,)           class index (n,)
labels   0/1 (n, L)                 0/1 (n, L), NaN = unknown
cells    numbers (n, m)             numbers (n, m), NaN = unknown
classes  numbers (n, C)             class index (n,), or shares (n, C)
"""

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.errors import DataError, NotFiniteError

Columns = Float64[Tensor, "n m"]

# How far a probability may leave [0, 1], and a row of them its sum of 1: what
# rounding in half precision or in a product of float32 can do.
SLACK = 1e-3


def check_index(
    prediction: Tensor, truth: Tensor, who: str, classes: int | None = None
) -> None:
    """Two class indices (n,), each in 0..classes-1.

    >>> check_index(torch.tensor([0.7]), torch.tensor([1]), "accuracy")
    Traceback (most recent call last):
    ...
    dovetail.errors.DataError: accuracy needs the prediction as class indices (n,), \
got shape (1,) of float32.
    What to do: give the decision, such as task.decide(raw), not probabilities
    """
    for what, index in (("prediction", prediction), ("truth", truth)):
        if index.ndim != 1 or index.is_floating_point() or index.is_complex():
            raise DataError(
                f"{who} needs the {what} as class indices (n,), got shape "
                f"{tuple(index.shape)} of {_dtype(index)}.",
                fix="give the decision, such as task.decide(raw), not probabilities"
                if what == "prediction"
                else "give the encoded target as int64; for 0/1 columns of labels use "
                "a multi-label metric",
            )
    _same_shape(prediction, truth, who)
    if classes is not None:
        for what, index in (("prediction", prediction), ("truth", truth)):
            check_range(index, classes, who, what)


def check_range(index: Tensor, classes: int, who: str, what: str = "truth") -> None:
    """Every class index is in 0..classes-1."""
    low, high = (int(v) for v in index.aminmax()) if len(index) else (0, 0)
    if low < 0 or high >= classes:
        raise DataError(
            f"{who} needs class indices 0 to {classes - 1}, got "
            f"{low if low < 0 else high} in the {what}.",
            fix="check the number of classes and how labels are encoded",
        )


def cells(prediction: Tensor, truth: Tensor, who: str) -> tuple[Columns, ...]:
    """Prediction, truth (0 where unknown) and 1/0 for known, all (n, m) float64.

    >>> y = torch.tensor([[1.0, float("nan")]])
    >>> [v.tolist() for v in cells(torch.tensor([[0.2, 0.3]]), y, "brier")[1:]]
    [[[1.0, 0.0]], [[1.0, 0.0]]]
    """
    if prediction.ndim != 2 or prediction.shape[1] == 0:
        raise DataError(
            f"{who} needs a prediction (n, m), got shape {tuple(prediction.shape)}.",
            fix="give one column for each label or number; unsqueeze(1) makes one",
        )
    _same_shape(prediction, truth, who)
    check_finite(prediction, who)
    y = truth.double()
    unknown = y.isnan()
    if bool(y.isinf().any()):
        raise DataError(
            f"{who} got an infinite value in the truth.", fix="use NaN for unknown"
        )
    return prediction.double(), y.masked_fill(unknown, 0.0), (~unknown).double()


def labels(prediction: Tensor, truth: Tensor, who: str) -> tuple[Columns, ...]:
    """As ``cells``, where both are 0/1, the prediction 0 where the truth is unknown."""
    p, y, known = cells(prediction, truth, who)
    for what, values in (("prediction", p), ("truth", y)):
        if bool(((values != 0) & (values != 1)).any()):
            raise DataError(
                f"{who} needs 0 or 1 in every cell of the {what}, got other values.",
                fix="give the decision, such as task.decide(raw), not probabilities",
            )
    return p * known, y, known


def classes(prediction: Tensor, truth: Tensor, who: str) -> tuple[Columns, Columns]:
    """Prediction and truth (n, C) float64; a class index becomes a one-hot row."""
    if truth.ndim == 2:
        p, y, known = cells(prediction, truth, who)
        if not bool(known.all()):
            raise DataError(
                f"{who} needs a share for each class, got unknown cells (NaN).",
                fix="leave out rows without a target",
            )
        return p, y
    check_scores(prediction, truth, who)
    return prediction.double(), one_hot(truth, prediction.shape[1])


def check_scores(prediction: Tensor, truth: Tensor, who: str) -> None:
    """One number for each class (n, C), C >= 2, and the class index (n,)."""
    if prediction.ndim != 2 or prediction.shape[1] < 2:
        raise DataError(
            f"{who} needs a prediction (n, C) with one column for each class, C >= 2, "
            f"for a truth of class indices, got shape {tuple(prediction.shape)}.",
            fix="for one column P(positive) give the truth as 0/1 floats (n, 1)",
        )
    if truth.ndim != 1 or truth.is_floating_point() or len(truth) != len(prediction):
        raise DataError(
            f"{who} needs the truth as class indices ({len(prediction)},), got shape "
            f"{tuple(truth.shape)} of {_dtype(truth)}.",
            fix="give the encoded target",
        )
    check_finite(prediction, who)
    check_range(truth, prediction.shape[1], who)


def check_probs(probs: Tensor, who: str, *, sum_to_one: bool) -> None:
    """Numbers in [0, 1]; with ``sum_to_one`` each row is a distribution.

    >>> check_probs(torch.tensor([[2.0, -1.0]]), "log_loss", sum_to_one=True)
    Traceback (most recent call last):
    ...
    dovetail.errors.DataError: log_loss needs probabilities in [0, 1], got -1 to 2.
    What to do: give task.inverse_link(raw), not raw outputs
    """
    low, high = (float(v) for v in probs.aminmax())
    if low < -SLACK or high > 1 + SLACK:
        raise DataError(
            f"{who} needs probabilities in [0, 1], got {low:g} to {high:g}.",
            fix="give task.inverse_link(raw), not raw outputs",
        )
    sums = probs.sum(dim=1)
    if sum_to_one and bool(((sums - 1).abs() > SLACK).any()):
        worst = float(sums[(sums - 1).abs().argmax()])
        raise DataError(
            f"{who} needs rows of probabilities that sum to 1, got a sum of {worst:g}.",
            fix="give softmax probabilities, or (n, L) as truth of independent labels",
        )


def check_cells(probs: Columns, truth: Columns, who: str, *, exclusive: bool) -> None:
    """Probabilities, and a truth of shares; both sum to 1 in a row if ``exclusive``."""
    check_probs(probs, who, sum_to_one=exclusive)
    check_truth(truth, who)
    if exclusive and bool(((truth.sum(1) - 1).abs() > SLACK).any()):
        raise DataError(
            f"{who} needs rows of the truth that sum to 1.",
            fix="give class indices, or a share for each class",
        )
    if not exclusive and _shares_of_classes(probs, truth):
        raise DataError(
            f"{who} got rows of shares that sum to 1, for probabilities that sum to 1; "
            "whether classes exclude each other must be said.",
            fix="use the metric with exclusive=True",
        )


def check_truth(truth: Columns, who: str) -> None:
    """Every cell of a truth is in [0, 1]."""
    low, high = (float(v) for v in truth.aminmax())
    if low < 0 or high > 1:
        raise DataError(
            f"{who} needs a truth of 0, 1 or a share between them, got {low:g} to "
            f"{high:g}.",
            fix="give the encoded target of a task with classes or labels",
        )


def check_finite(prediction: Tensor, who: str) -> None:
    """No NaN and no infinity in a prediction."""
    if not bool(prediction.isfinite().all()):
        raise NotFiniteError(
            f"{who} got a prediction that is not a finite number.",
            fix="lower the learning rate, or look for extreme feature values",
        )


def one_hot(index: Tensor, count: int) -> Columns:
    """(n,) -> (n, count), a single 1 in each row."""
    hot = torch.zeros(len(index), count, dtype=torch.float64, device=index.device)
    return hot.scatter_(1, index.long().unsqueeze(1), 1.0)


def _shares_of_classes(probs: Columns, truth: Columns) -> bool:
    """Are these soft rows of exclusive classes, taken for yes/no labels?

    Two rows that all sum to 1, with shares between 0 and 1 in the truth, are no chance.
    """
    if len(truth) < 2 or truth.shape[1] < 2 or not bool((truth % 1 != 0).any()):
        return False
    return all(bool(((v.sum(1) - 1).abs() < 1e-5).all()) for v in (truth, probs))


def _same_shape(prediction: Tensor, truth: Tensor, who: str) -> None:
    if prediction.shape != truth.shape:
        raise DataError(
            f"{who} needs prediction and truth of one shape, got "
            f"{tuple(prediction.shape)} and {tuple(truth.shape)}.",
            fix="give both as the task's views have them; nothing is broadcast",
        )


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
