"""Values worked out by hand, and what holds for any prediction."""

import math

import numpy as np
import pytest
import sklearn.metrics as sk
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from dovetail import metrics
from dovetail.errors import ConfigError

few = settings(max_examples=60, deadline=None)
pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1)
scored = st.lists(
    st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.booleans()), min_size=1
)


def split(rows: list[tuple[float, float]], dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    first, second = zip(*rows, strict=True)
    return torch.tensor(first, dtype=dtype), torch.tensor(second, dtype=dtype)


@few
@given(pairs)
def test_decisions_stay_in_range_and_equal_scikit_learn(
    rows: list[tuple[int, int]],
) -> None:
    p, y = split(rows, torch.int64)
    f1 = sk.f1_score(y, p, average="macro", zero_division=0)
    assert metrics.MacroF1(classes=4)(p, y) == pytest.approx(f1, abs=1e-12)
    # scikit-learn warns where both hold one and the same class only.
    mcc = sk.matthews_corrcoef(y, p) if len({*p.tolist(), *y.tolist()}) > 1 else 0
    assert metrics.MCC(classes=4)(p, y) == pytest.approx(mcc, abs=1e-12)
    assert 0 <= metrics.BalancedAccuracy(classes=4)(p, y) <= 1
    assert -1 <= metrics.QuadraticKappa(classes=4)(p, y) <= 1
    assert torch.equal(
        metrics.confusion(p, y, 4),
        torch.from_numpy(sk.confusion_matrix(y, p, labels=range(4))),
    )


@few
@given(scored)
def test_scores_with_ties_equal_scikit_learn(rows: list[tuple[float, float]]) -> None:
    p, y = (part.unsqueeze(1) for part in split(rows, torch.float64))
    assert metrics.LogLoss()(p, y) == pytest.approx(
        sk.log_loss(y[:, 0], p[:, 0], labels=[0, 1]), rel=1e-12
    )
    both = 0 < float(y.sum()) < len(y)
    area = metrics.AUROC()(p, y)
    if both:
        assert area == pytest.approx(sk.roc_auc_score(y, p), abs=1e-12)
    else:
        assert math.isnan(area)
    if bool(y.any()):
        wanted = sk.average_precision_score(y, p)
        assert metrics.AveragePrecision()(p, y) == pytest.approx(wanted, abs=1e-12)
    else:
        assert metrics.AveragePrecision()(p, y) == 0


@few
@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1))
def test_label_sets_equal_scikit_learn(rows: list[list[bool]]) -> None:
    cells = torch.tensor(rows, dtype=torch.float64)
    p, y = cells[:, :3], cells[:, 3:]
    for metric, average in (
        (metrics.SampleF1(), "samples"),
        (metrics.MicroF1(), "micro"),
        (metrics.MacroF1(classes=3), "macro"),
    ):
        wanted = sk.f1_score(y, p, average=average, zero_division=0)
        assert metric(p, y) == pytest.approx(wanted, abs=1e-12)
    if len(cells) > 1:  # scikit-learn takes one row for labels of one sample each
        wanted = sk.label_ranking_loss(y, p)
        assert metrics.RankingLoss()(p, y) == pytest.approx(wanted, abs=1e-12)


def test_a_ratio_without_rows_is_zero() -> None:
    no, yes = torch.zeros(3, dtype=torch.int64), torch.ones(3, dtype=torch.int64)
    assert metrics.Precision()(no, yes) == 0
    assert metrics.Recall()(yes, no) == 0
    assert metrics.Specificity()(no, yes) == 0
    assert metrics.F1()(no, no) == 0
    assert metrics.MCC(classes=2)(yes, yes) == 0
    assert metrics.QuadraticKappa(classes=2)(yes, yes) == 0


def test_certain_and_wrong_costs_the_end_of_the_format() -> None:
    p, y = torch.tensor([[0.0]]), torch.tensor([[1.0]])
    assert metrics.LogLoss()(p, y) == pytest.approx(-math.log(2**-23))
    assert metrics.LogLoss()(p.double(), y) == pytest.approx(-math.log(2**-52))
    assert metrics.PoissonDeviance()(p, y) == pytest.approx(
        2 * (-math.log(torch.finfo(torch.float32).tiny) - 1)
    )
    assert metrics.PoissonDeviance()(p, 0 * y) == pytest.approx(0, abs=1e-30)


def test_shares_count_as_rows_of_both_kinds() -> None:
    p = torch.tensor([[0.2], [0.7], [0.4]]).double()
    y = torch.tensor([[0.25], [1.0], [0.0]]).double()
    rows = torch.tensor([0, 0, 1, 2])
    hard = torch.tensor([[1.0], [0.0], [1.0], [0.0]]).double()
    weights = torch.tensor([0.25, 0.75, 1, 1])
    for metric in (metrics.AUROC(), metrics.AveragePrecision(), metrics.LogLoss()):
        assert metric(p, y) == pytest.approx(metric(p[rows], hard, weights), rel=1e-12)


def test_one_label_is_the_binary_form_and_two_classes_too() -> None:
    p = torch.rand(50, 1).double()
    y = torch.randint(2, (50,))
    cell, both = y.double().unsqueeze(1), torch.cat([1 - p, p], dim=1)
    assert metrics.LogLoss()(p, cell) == pytest.approx(metrics.LogLoss()(both, y))
    assert metrics.Brier()(p, cell) * 2 == pytest.approx(metrics.Brier()(both, y))
    assert metrics.AUROC()(p, cell) == pytest.approx(metrics.AUROC()(both, y))


def test_top_one_of_equal_probabilities_is_the_argmax() -> None:
    p, y = torch.full((4, 4), 0.25), torch.arange(4)
    assert metrics.TopK(k=1)(p, y) == 0.25  # class 0 in each row
    assert metrics.TopK(k=3)(p, y) == 0.75
    assert metrics.TopK(k=9)(p, y) == 1
    assert metrics.TopK(k=1)(p, torch.eye(4)) == 0.25
    many = torch.full((2, 100), 0.01)
    assert metrics.TopK(k=3)(many, torch.tensor([2, 3])) == 0.5


def test_rps_of_a_certain_prediction_is_the_distance_in_ranks() -> None:
    decided, y = torch.randint(5, (2, 40))
    certain = torch.nn.functional.one_hot(decided, 5).double()
    assert metrics.RPS()(certain, y) == pytest.approx(metrics.RankError()(decided, y))


def test_calibration_error_puts_a_probability_of_one_in_the_last_bin() -> None:
    p, y = torch.tensor([[1.0], [0.99]]), torch.tensor([[0.0], [1.0]])
    # One bin: |0.5 - 0.995|. In bins of their own it would be (1 + 0.01) / 2.
    assert metrics.CalibrationError()(p, y) == pytest.approx(0.495)


def test_a_probability_on_an_edge_belongs_to_the_bin_above() -> None:
    p, y = torch.tensor([[0.5], [0.75]]), torch.tensor([[0.0], [1.0]])
    # Both in [0.5, 1]: |0.5 - 0.625|. In two bins it would be (0.5 + 0.25) / 2.
    assert metrics.CalibrationError(bins=2)(p, y) == 0.125


@pytest.mark.parametrize("offset", [0.0, 2e3, 1e9, 1e12])
def test_r2_keeps_its_digits_far_from_zero(offset: float) -> None:
    y = offset + torch.randn(1000, 2, dtype=torch.float64)
    p = y + torch.randn(1000, 2, dtype=torch.float64) / 2
    wanted = sk.r2_score(y - offset, p - offset)  # these differences are exact
    assert metrics.R2()(p, y) == pytest.approx(wanted, rel=1e-10)
    metric = metrics.R2().about(y)
    halves = [metric.statistics(p[r], y[r]) for r in (slice(300), slice(300, None))]
    merged = metric.value(halves[0].sum(0) + halves[1].sum(0))
    assert float(merged) == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("constant", [0.1, 2000.0, 1e9 + 0.1])
def test_r2_of_a_constant_column_is_one_or_zero(constant: float) -> None:
    y = torch.full((7, 1), constant, dtype=torch.float64)
    assert metrics.R2()(y, y) == 1
    assert metrics.R2()(y + 1, y) == 0
    assert metrics.R2()(y[:1] + 1, y[:1]) == 0


def test_many_rows_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    p, y = torch.rand(101, 3).softmax(1), torch.randint(3, (101,))
    whole = metrics.CalibrationError()(p, y, torch.rand(101))
    torch.manual_seed(0)
    p, y = torch.rand(101, 3).softmax(1), torch.randint(3, (101,))
    monkeypatch.setattr("dovetail.metrics._base.CELLS", 450)  # ten rows of 45
    parts = list(metrics.CalibrationError().batches(p, y))
    assert [len(lines) for _, lines in parts] == [10] * 10 + [1]
    assert metrics.CalibrationError()(p, y, torch.rand(101)) == pytest.approx(whole)


def test_the_column_with_the_largest_unit_does_not_drown_the_others() -> None:
    y = torch.randn(200, 2, dtype=torch.float64) * torch.tensor([1.0, 1e6])
    metric = metrics.RelativeRMSE(scale=tuple(y.std(0, correction=0).tolist()))
    good, bad = y.clone(), y.clone()
    good[:, 0] = y[:, 0].mean()  # nothing learnt of the small column
    bad[:, 1] = y[:, 1] + 0.01 * y[:, 1].std()  # a little lost of the large one
    assert metric(good, y) == pytest.approx(0.5)  # 1 and 0
    assert metric(bad, y) < 0.01
    # ... whereas the plain average of rmse has them the other way round.
    assert metrics.RMSE()(bad, y) > metrics.RMSE()(good, y)


@few
@given(st.floats(0.05, 0.95), st.lists(st.floats(-9, 9), min_size=1, max_size=9))
def test_no_constant_has_less_pinball_loss_than_the_quantile(
    tau: float, values: list[float]
) -> None:
    y = torch.tensor(values, dtype=torch.float64).unsqueeze(1)
    metric = metrics.Pinball(tau=tau)
    quantile = float(np.quantile(values, tau, method="inverted_cdf"))
    best = metric(torch.full_like(y, quantile), y)
    for other in values:
        assert best <= metric(torch.full_like(y, other), y) + 1e-12


def test_levels_and_scales_are_checked() -> None:
    for tau in (0.0, 1.0, math.nan):
        with pytest.raises(ConfigError, match="inside"):
            metrics.Pinball(tau=tau)
    for scale in ((), (1.0, 0.0), (math.inf,)):
        with pytest.raises(ConfigError, match="positive scale"):
            metrics.RelativeRMSE(scale=scale)
