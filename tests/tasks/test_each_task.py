"""What single tasks promise beyond the contract that all of them keep."""

import math
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from sklearn.metrics import log_loss, mean_pinball_loss
from torch import nn

from dovetail import decisions, losses
from dovetail.errors import ConfigError, TargetError
from dovetail.tasks import (
    Binary,
    Count,
    Multiclass,
    MultiLabel,
    Regression,
    infer_task,
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


def test_a_one_hot_pair_is_one_target() -> None:
    pair = {"is_cat": [1, 0, 0, 1, 0], "is_dog": [0, 1, 1, 0, 1]}
    task = Binary.from_targets(pair)
    assert task.columns == task.classes == ("is_cat", "is_dog")
    target = task.encode(pair)
    assert target.tolist() == [[0], [1], [1], [0], [1]]
    assert task.decode_table(target[:, 0]).to_pydict() == pair
    # By name, in whatever order the columns come, and as the one column of names.
    turned = {"is_dog": pair["is_dog"], "is_cat": pair["is_cat"]}
    assert torch.equal(task.encode(turned), target)
    assert task.encode(["is_dog", "is_cat"]).tolist() == [[1], [0]]
    raw = torch.tensor([[2.0], [-1.0]])
    probs = task.proba_table(raw)
    assert probs.column_names == ["is_cat_proba", "is_dog_proba"]
    assert probs.column(1).to_pylist() == pytest.approx(raw[:, 0].sigmoid().tolist())
    assert task.decode(task.decide(raw)) == [[0, 1], [1, 0]]
    # The first column is positive where that is said.
    cat = Binary.from_targets(pair, positive="is_cat")
    assert cat.encode(pair).tolist() == [[1], [0], [0], [1], [0]]
    with pytest.raises(TargetError, match="'bird' is not in the target"):
        Binary.from_targets(pair, positive="bird")


def test_a_pair_that_is_not_one_hot_names_columns_and_row() -> None:
    pair = {"is_cat": [1, 0, 1], "is_dog": [0, 1, 1]}
    words = "'is_cat', 'is_dog': data row 3 .* sum to 2"
    with pytest.raises(TargetError, match=words):
        Binary.from_targets(pair)
    with pytest.raises(TargetError, match=words):
        Binary(("is_cat", "is_dog"), one_hot=True).encode(pair)
    gap = {"is_cat": [1, None, 0], "is_dog": [0, None, 1]}
    task = Binary.from_targets({n: [c[0], c[2]] for n, c in gap.items()})
    assert task.known(gap).tolist() == [True, False, True]
    assert Binary.discover(gap) == task
    with pytest.raises(TargetError, match=r"'is_cat': 1 of 3 .* rows 2"):
        task.encode(gap)


@pytest.mark.parametrize(
    ("task", "problem", "rule"),
    [
        (
            Binary(("ham", "spam")),
            "each row is one of two classes",
            "Threshold: spam where P(spam) > 0.5; 0.5 gives the best accuracy, another "
            "threshold weighs false alarms against misses",
        ),
        (
            Binary().with_decision(decisions.Threshold(threshold=0.2)),
            "each row is one of two classes",
            "Threshold: 1 where P(1) > 0.2; 0.5 gives the best accuracy, another "
            "threshold weighs false alarms against misses",
        ),
        (
            Regression(("a", "b", "c")),
            "each row has 3 numbers",
            "Mean: the estimate itself, the mean",
        ),
        (
            Regression().with_loss("mae"),
            "each row has a number",
            "Mean: the estimate itself, the median",
        ),
        (
            MultiLabel(("a", "b")),
            "each row has any number of labels, none included",
            "Threshold: p > 0.5 gives the best accuracy of each yes/no; another "
            "threshold weighs false alarms against misses",
        ),
    ],
    ids=lambda v: type(v).__name__,
)
def test_words_are_about_this_task(task: Any, problem: str, rule: str) -> None:
    told = task.describe()
    assert (told["problem"], told["decision"]) == (problem, rule)


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


def test_lists_of_zeros_and_ones_are_a_matrix() -> None:
    rows = [[1, None, 0], [0, 1, 1]]
    task = MultiLabel.from_targets(rows)
    assert task.columns == ("target0", "target1", "target2")
    target = task.encode(rows)
    np.testing.assert_array_equal(target, [[1, np.nan, 0], [0, 1, 1]])
    for same in (
        [[True, None, False], [False, True, True]],
        [(1.0, float("nan"), 0.0), (0.0, 1.0, 1.0)],
        pa.array(rows),
        pd.Series(rows),
        np.array([[1, np.nan, 0], [0, 1, 1]]),
    ):
        np.testing.assert_array_equal(
            MultiLabel.from_targets(same).encode(same), target
        )
    assert task.known([[1, 0, 0], None, [None, None, None]]).tolist() == [
        True, False, False,
    ]  # fmt: skip
    assert Multiclass.from_targets(np.eye(3).tolist()).encode([[0, 0, 1]]).item() == 2
    with pytest.raises(TargetError, match="one value in each row"):
        Multiclass.from_targets([["a"], ["b"], ["c"]])


def test_other_lists_are_sets_of_labels() -> None:
    ids = MultiLabel.from_targets([[0, 1], [1], []])
    assert ids.labels == (0, 1)
    # Sets of one length in a later batch are no matrix to a task of sets.
    assert ids.encode([[0, 1], [1, 0]]).tolist() == [[1, 1], [1, 1]]
    assert ids.known([[0, 1], [1, 0]]).all()
    for rows in ([["0", "1"], ["1", "0"]], [[0, 2], [2, 0]], [[1], [0]]):
        assert MultiLabel.from_targets(rows).form == "lists"


def test_empty_and_missing_text_are_both_the_empty_set() -> None:
    task = MultiLabel.discover(["a|b", "b", "", None])
    assert task.known(["a", "", None]).tolist() == [True, True, True]
    assert task.encode(["", "b", None]).tolist() == [[0, 0], [0, 1], [0, 0]]
    lists = MultiLabel.discover([["a"], [], None, ["a", "b"]])
    assert lists.known([["a"], [], None]).tolist() == [True, True, False]


def test_lists_of_fractions_are_a_matrix() -> None:
    rows = [[1.5, 2.5], [3.5, 4.5], [0.5, 1.0]]
    assert type(infer_task(rows).task) is Regression
    soft = [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.1, 0.8, 0.1]]
    assert type(infer_task(soft).runner_up) is Multiclass
    task = Multiclass.from_targets(soft)
    assert task.encode(soft).shape == (3, 3)


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


@pytest.mark.parametrize("power", [-100, -12, 0, 12, 100])
def test_any_unit_gives_the_same_scores(power: int) -> None:
    values = (np.array([1.0, 2.0, 4.0, 9.0]) * 10.0**power).tolist()
    task = Regression.from_targets(values)
    raw = torch.tensor([[-0.5], [0.0], [0.0], [2.0]])
    scores = task.evaluate(raw, task.truth(values))
    plain = Regression.from_targets([1.0, 2.0, 4.0, 9.0])
    wanted = plain.evaluate(raw, plain.truth([1.0, 2.0, 4.0, 9.0]))
    assert scores["rmse"] == pytest.approx(wanted["rmse"] * 10.0**power)
    assert scores["r2"] == pytest.approx(wanted["r2"])


@pytest.mark.parametrize("power", [-300, -200, 200, 300])
def test_a_spread_that_has_no_square_is_refused(power: int) -> None:
    fine = [1.0, 2.0, 4.0]
    values = (np.array(fine) * 10.0**power).tolist()
    words = rf"'price' goes from 1e[+]?{power} to 4e[+]?{power}; squares"
    with pytest.raises(TargetError, match=words) as caught:
        Regression.from_targets({"rooms": fine, "price": values})
    assert caught.value.fix is not None
    assert "divide it by 1e" in caught.value.fix
    # A constant has no spread; it is predicted as it is.
    task = Regression.from_targets([10.0**power] * 3)
    assert task.decode(task.encode([10.0**power])) == [10.0**power]


@pytest.mark.parametrize("loss", ["absolute", "huber", "smooth_l1", "log_cosh"])
def test_median_losses_are_judged_by_absolute_error(loss: str) -> None:
    assert [m.name for m in Regression().metrics] == ["rmse", "mae", "r2"]
    assert Regression().with_loss(loss).metrics[0].name == "mae"
    several = Regression(("a", "b")).with_loss(loss)
    assert several.metrics[0].name == "relative_mae"


def test_a_quantile_is_judged_by_its_own_loss_and_by_coverage() -> None:
    values = RNG.lognormal(0.0, 1.0, 4000).tolist()
    task = Regression().with_loss(losses.Pinball(taus=(0.9,))).learn(values)
    names = [metric.name for metric in task.metrics]
    assert names == ["pinball", "coverage_gap", "mae", "rmse", "r2"]
    truth = task.truth(values)
    raw = torch.tensor([task.bias], dtype=torch.float64).expand_as(truth)
    scores = task.evaluate(raw, truth)
    quantile = np.quantile(values, 0.9)
    wanted = mean_pinball_loss(values, np.full(len(values), quantile), alpha=0.9)
    assert scores["pinball"] == pytest.approx(wanted, rel=1e-3)
    assert scores["coverage_gap"] == pytest.approx(0.0, abs=1e-3)
    # The mean has less squared error, and would win by rmse.
    mean = torch.zeros_like(truth)
    other = task.evaluate(mean, truth)
    assert other["rmse"] < scores["rmse"]
    assert other["pinball"] > scores["pinball"]
    assert task.describe()["decision"] == "Mean: the estimate itself, the 0.9 quantile"


def test_several_columns_are_judged_in_their_own_units() -> None:
    small, large = RNG.normal(0, 1, N), RNG.normal(5e8, 1e6, N)
    values = {"small": small, "large, 元": large}
    task = Regression.from_targets(values)
    names = [metric.name for metric in task.metrics]
    assert names == [
        "relative_rmse", "rmse", "mae", "r2",
        "rmse_small", "r2_small", "rmse_large, 元", "r2_large, 元",
    ]  # fmt: skip
    truth = task.truth(values)
    scores = task.evaluate(torch.zeros_like(truth), truth)
    assert scores["relative_rmse"] == pytest.approx(1.0)
    assert scores["rmse_small"] == pytest.approx(small.std())
    assert scores["rmse_large, 元"] == pytest.approx(large.std())
    assert scores["rmse"] == pytest.approx((small.std() + large.std()) / 2)
    assert scores["r2_small"] == pytest.approx(0.0, abs=1e-9)
    # Only the small column learnt: every one of its figures says so.
    learnt = torch.stack([truth[:, 0], torch.zeros(N)], dim=1)
    better = task.evaluate(learnt, truth)
    assert better["relative_rmse"] == pytest.approx(0.5)
    assert better["r2_small"] == pytest.approx(1.0)
    assert better["r2_large, 元"] == pytest.approx(0.0, abs=1e-9)


def test_at_most_fifty_columns_have_metrics_of_their_own() -> None:
    task = Regression(tuple(f"y{j}" for j in range(120)))
    assert len(task.metrics) == 4 + 2 * 50
    assert task.metrics[-1].name == "r2_y49"


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
