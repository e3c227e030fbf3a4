"""What single tasks promise beyond the contract that all of them keep."""

import math
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from sklearn.metrics import log_loss
from torch import nn

from dovetail import decisions, losses
from dovetail.errors import ConfigError, TargetError
from dovetail.tasks import (
    Binary,
    Count,
    Multiclass,
    MultiLabel,
    Regression,
)

RNG = np.random.default_rng(7)
N = 500
NUMBERS = RNG.normal(1000.0, 3.0, N)


# -- binary ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        (["ham", "spam"], "spam"),  # last in sorted order
        (["yes", "zero"], "yes"),
        (["Y", "Z"], "Y"),
        ([True, False], True),
        (["True", "Unsure"], "True"),
        ([0, 1], 1),
        ([1, 2], 1),
        ([-1, 1], 1),
        ([3, 4], 4),
        (["no", "yes"], "yes"),
        ([1.5, 0.5], 1.5),
    ],
)
def test_positive_class(labels: list[Any], positive: Any) -> None:
    task = Binary.from_targets(labels * 3)
    assert task.classes[1] == positive
    assert task.encode([positive]).tolist() == [[1.0]]
    # Never by frequency.
    for common in labels:
        assert Binary.from_targets([*labels, *[common] * 50]).classes[1] == positive
    declared = Binary.from_targets(labels * 3, positive=task.classes[0])
    assert declared.classes == task.classes[::-1]


def test_positive_class_that_is_not_there() -> None:
    with pytest.raises(TargetError, match="'egg' is not in the target"):
        Binary.from_targets(["ham", "spam"], positive="egg")


@pytest.mark.parametrize("labels", [["a"], ["a", "b", "c"], [0.0, 0.5, 3.0]])
def test_binary_needs_two(labels: list[Any]) -> None:
    with pytest.raises(TargetError, match="exactly two distinct values"):
        Binary.from_targets(labels)


def test_one_and_two_logits_are_one_model() -> None:
    values = RNG.choice(["ham", "spam"], N, p=[0.8, 0.2]).tolist()
    one = Binary.from_targets(values)
    two = Binary.from_targets(values, head="softmax")
    raw = torch.randn(N, 2)
    difference = raw[:, 1:] - raw[:, :1]
    torch.testing.assert_close(one.positive(difference), two.positive(raw))
    assert torch.equal(one.decide(difference), two.decide(raw))
    torch.testing.assert_close(
        one.loss(difference, one.encode(values)), two.loss(raw, two.encode(values))
    )
    probs = [t.proba_table(r) for t, r in ((one, difference), (two, raw))]
    assert probs[0].column_names == probs[1].column_names
    for name in probs[0].column_names:
        np.testing.assert_allclose(*(p[name].to_numpy() for p in probs), atol=1e-6)
    for metric in one.metrics:
        left = metric(*one.views(difference, one.encode(values))[metric.takes])
        right = metric(*two.views(raw, two.encode(values))[metric.takes])
        assert left == pytest.approx(right, abs=1e-6)
    start = cast(tuple[float, ...], two.bias)
    assert start[1] - start[0] == pytest.approx(cast(Any, one.bias)[0], abs=1e-6)


@pytest.mark.parametrize("head", ["logit", "softmax"])
def test_soft_binary_targets(head: Any) -> None:
    shares = [0.0, 0.25, 1.0, 0.7]
    task = Binary.from_targets(shares, head=head)
    target = task.encode(shares)
    assert target[:, -1].tolist() == pytest.approx(shares)
    pair = task.encode(np.array([[0.75, 0.25], [0.0, 1.0]]))
    assert pair[:, -1].tolist() == [0.25, 1.0]
    raw = torch.randn(4, task.head_size)
    loss = task.loss(raw, target)
    p = task.positive(raw)[:, 0]
    t = torch.tensor(shares)
    torch.testing.assert_close(loss, -(t * p.log() + (1 - t) * (1 - p).log()))


def test_thresholds_decide() -> None:
    task = Binary().with_decision(decisions.Threshold(threshold=0.2))
    logits = torch.tensor([[-1.0], [-2.0]])  # P = 0.269 and 0.119
    assert task.decide(logits).tolist() == [1, 0]
    assert task.decode(task.decide(logits)) == [1, 0]


# -- multiclass -----------------------------------------------------------------------


def test_multiclass_takes_every_form() -> None:
    index = [2, 0, 1, 1]
    hot = np.eye(3)[index]
    words = ["c", "a", "b", "b"]
    forms: list[Any] = [
        words,
        np.array(words),
        np.array(words, dtype=object)[:, None],
        pd.Series(words, dtype="category"),
        pa.array(words).dictionary_encode(),
        hot,
        hot.astype(bool),
        hot.astype(np.int32),
        torch.from_numpy(hot),
    ]
    task = Multiclass.from_targets(words)
    for form in forms:
        assert task.encode(form).tolist() == index
        assert task.encode(form).dtype == torch.int64
    numbers: list[Any] = [
        index,
        np.array(index, dtype=np.int32),
        np.array(index)[:, None],
        torch.tensor(index),
        torch.tensor(index, dtype=torch.uint8)[:, None],
        np.array(index, dtype=float),
        [str(i) for i in index],
    ]
    for form in numbers:
        assert Multiclass.from_targets(index).encode(form).tolist() == index


@pytest.mark.parametrize("classes", [3, 7])
def test_soft_rows_stay_rows(classes: int) -> None:
    soft = RNG.dirichlet(np.ones(classes), size=5)
    soft[0] = np.eye(classes)[1]
    task = Multiclass.from_targets(soft)
    target = task.encode(soft)
    np.testing.assert_allclose(target.numpy(), soft, rtol=1e-6)
    raw = torch.randn(5, classes)
    wanted = -(target * raw.log_softmax(1)).sum(1)
    torch.testing.assert_close(task.loss(raw, target), wanted)
    for metric in task.metrics:
        assert math.isfinite(metric(*task.views(raw, target)[metric.takes]))


def test_rows_of_shares_must_sum_to_one() -> None:
    task = Multiclass(("a", "b", "c"))
    with pytest.raises(TargetError, match=r"row 2 .* sum to 1\.4"):
        task.encode(np.array([[1.0, 0, 0], [0.5, 0.5, 0.4]]))
    with pytest.raises(TargetError, match="2 columns"):
        task.encode(np.eye(2))


def test_multiclass_needs_three() -> None:
    for labels in (("a", "b"), ("a", "b", "b"), (1, 1.0, 2)):
        with pytest.raises(TargetError, match="3 or more"):
            Multiclass(labels)


def test_log_loss_is_scikit_learns() -> None:
    task, target = Multiclass(("a", "b", "c")), torch.tensor([0, 2, 1, 1])
    raw = torch.randn(4, 3)
    ours = task.metrics[0](*task.views(raw, target)["probs"])
    assert ours == pytest.approx(log_loss(target, raw.double().softmax(1)), abs=1e-6)


# -- multilabel -----------------------------------------------------------------------


def test_empty_full_and_unknown() -> None:
    hot = np.array([[0, 0, 0], [1, 1, 1], [1, np.nan, 0], [np.nan] * 3])
    task = MultiLabel.from_targets(hot)
    target = task.encode(hot)
    assert target[0].tolist() == [0, 0, 0]
    assert target[1].tolist() == [1, 1, 1]
    assert target.isnan().tolist()[2] == [False, True, False]
    assert task.known(hot).tolist() == [True, True, True, False]
    raw = torch.randn(3, 3, requires_grad=True)
    rows = task.loss(raw, target[:3])
    # An unknown cell counts neither in the loss nor in its mean, nor in a metric.
    known = torch.tensor([0, 2])
    alone = nn.functional.binary_cross_entropy_with_logits(
        raw[2, known], target[2, known]
    )
    torch.testing.assert_close(rows[2], alone)
    rows.sum().backward()
    assert raw.grad is not None
    assert raw.grad[2, 1] == 0
    for metric in task.metrics:
        value = metric(*task.views(raw.detach(), target[:3])[metric.takes])
        assert math.isfinite(value)
    assert MultiLabel(("a", "b"), form="lists").encode([[], ["a", "b"]]).tolist() == [
        [0, 0], [1, 1],
    ]  # fmt: skip


def test_four_forms_of_one_target() -> None:
    text = ["red|blue", "", "blue"]
    lists = [["red", "blue"], [], ["blue"]]
    wanted = [[1.0, 1.0], [0.0, 0.0], [1.0, 0.0]]  # blue, red
    hot = np.array(wanted)
    named = pd.DataFrame(hot, columns=["blue", "red"])
    for values in (text, lists, [set(s) for s in lists], hot, named, hot.astype(bool)):
        assert MultiLabel.from_targets(values).encode(values).tolist() == wanted
    # Named columns are found by name, in whatever order they come.
    task = MultiLabel.from_targets(named)
    assert task.encode(named[["red", "blue"]]).tolist() == wanted


def test_labels_outside_zero_and_one() -> None:
    with pytest.raises(TargetError, match="'target1', data row 2: 3; 0 or 1"):
        MultiLabel.from_targets(np.array([[0, 1], [1, 3]]))


# -- what weighted and smoothed losses do to probabilities ----------------------------

SHARES = (0.6, 0.3, 0.1)


@pytest.mark.parametrize(
    ("task", "loss"),
    [
        (Binary(("a", "b")), losses.BinaryCrossEntropy(pos_weight=10.0)),
        (Binary(("a", "b")), losses.BinaryCrossEntropy(smoothing=0.2)),
        (
            Binary(("a", "b")),
            losses.BinaryCrossEntropy(pos_weight=3.0, smoothing=0.1),
        ),
        (
            Binary(("a", "b"), head="softmax"),
            losses.SoftmaxCrossEntropy(weight=(1.0, 5.0)),
        ),
        (
            Binary(("a", "b"), head="softmax"),
            losses.SoftmaxCrossEntropy(smoothing=0.2),
        ),
        (
            Multiclass(("a", "b", "c")),
            losses.SoftmaxCrossEntropy(weight=(1.0, 2.0, 7.0)),
        ),
        (Multiclass(("a", "b", "c")), losses.SoftmaxCrossEntropy(smoothing=0.2)),
        (
            Multiclass(("a", "b", "c")),
            losses.SoftmaxCrossEntropy(weight=(1.0, 2.0, 7.0), smoothing=0.1),
        ),
    ],
    ids=lambda v: repr(v) if isinstance(v, losses.Loss) else type(v).__name__,
)
def test_planted_probabilities_come_back(task: Any, loss: losses.Loss) -> None:
    """The best constant of a weighted or smoothed loss still says the true shares."""
    shares = SHARES if len(task.classes) == 3 else (0.8, 0.2)
    labels = [
        c for c, s in zip("abc", shares, strict=False) for _ in range(int(s * 1e4))
    ]
    changed = task.with_loss(loss)
    target = changed.encode(labels)
    raw = changed.initial_bias(target)[None].float()
    table = changed.proba_table(raw)
    found = [column[0].as_py() for column in table.columns]
    assert found == pytest.approx(shares, abs=2e-3)
    # ... which the plain link of the same raw outputs does not.
    plain = task.proba_table(raw)
    assert [c[0].as_py() for c in plain.columns] != pytest.approx(shares, abs=2e-2)


def test_planted_label_probabilities_come_back() -> None:
    hot = np.zeros((1000, 2), dtype=int)
    hot[:500, 0], hot[:50, 1] = 1, 1
    task = MultiLabel.from_targets(hot).with_loss(
        losses.MultiLabelCrossEntropy(pos_weight=(1.0, 12.0))
    )
    raw = task.initial_bias(task.encode(hot))[None].float()
    assert task.inverse_link(raw)[0].tolist() == pytest.approx([0.5, 0.05], abs=2e-3)


def test_class_weights_must_match_the_classes() -> None:
    with pytest.raises(ConfigError, match="2 class weights"):
        Multiclass(("a", "b", "c")).with_loss(
            losses.SoftmaxCrossEntropy(weight=(1.0, 2.0))
        )
    with pytest.raises(ConfigError, match="3 positive weights"):
        MultiLabel(("a", "b")).with_loss(
            losses.MultiLabelCrossEntropy(pos_weight=(1.0, 2.0, 3.0))
        )


# -- regression -----------------------------------------------------------------------


def test_regression_keeps_precision_at_large_offsets() -> None:
    values = [1e9, 1e9 + 1, 1e9 + 2]
    task = Regression.from_targets(values)
    np.testing.assert_allclose(task.encode(values)[:, 0], [-1.2247, 0, 1.2247], 1e-4)
    assert task.decode(task.encode(values)) == pytest.approx(values, abs=1e-5)


@pytest.mark.parametrize("values", [[0.1] * 3, [7.0, 7.0], [0.0, 0.0]])
def test_constant_column_has_scale_one(values: list[float]) -> None:
    task = Regression.from_targets(values)
    assert task.scale == (1.0,)
    assert task.encode(values).abs().max() < 1e-6


def test_huge_numbers_do_not_overflow() -> None:
    task = Regression.from_targets([1e300, -1e300])
    assert task.scale == (1e300,)
    assert task.encode([1e300]).tolist() == [[1.0]]


def test_median_losses_are_judged_by_absolute_error() -> None:
    assert Regression().metrics[0].name == "rmse"
    assert Regression().with_loss("absolute").metrics[0].name == "mae"


@pytest.mark.parametrize("bad", [float("inf"), "dear", True])
def test_numbers_are_needed(bad: Any) -> None:
    values = [1.5, bad, 2.5]
    if bad is True:
        values = [[1], [2], [3]]
    with pytest.raises(TargetError):
        Regression.from_targets(values)


def test_pinball_needs_one_level_of_one_target() -> None:
    with pytest.raises(ConfigError, match="one level"):
        Regression().with_loss(losses.Pinball(taus=(0.1, 0.9)))
    task = Regression.from_targets(NUMBERS.tolist())
    task = task.with_loss(losses.Pinball(taus=(0.9,)))
    raw = task.initial_bias(task.encode(NUMBERS.tolist()))[None].float()
    assert task.decode(raw)[0] == pytest.approx(np.quantile(NUMBERS, 0.9), rel=1e-4)


@pytest.mark.parametrize("bad", [-1, 0.5])
def test_counts_are_whole_and_not_negative(bad: float) -> None:
    with pytest.raises(TargetError, match="data row 3"):
        Count.from_targets([0.0, 4.0, bad])
