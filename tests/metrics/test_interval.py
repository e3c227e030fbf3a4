"""Confidence intervals: their width, their coverage, and their cost."""

import math

import pytest
import torch
from scipy.stats import binom
from torch import Tensor

from dovetail import metrics
from dovetail.errors import ConfigError, DataError
from dovetail.metrics import interval


def yes_no(rows: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Probabilities and a truth that follows them, both (n, 1)."""
    g = torch.Generator().manual_seed(seed)
    p = torch.rand(rows, 1, generator=g, dtype=torch.float64)
    return p, (torch.rand(rows, 1, generator=g) < p).double()


def width(ends: tuple[float, float]) -> float:
    return ends[1] - ends[0]


@pytest.mark.parametrize("rows", [1_000, 50_000])
def test_the_width_is_that_of_the_normal_law(rows: int) -> None:
    """Of a mean of squares, by rows and, above 20,000, by blocks of rows."""
    p, y = yes_no(rows)
    ends = interval(metrics.Brier(), p, y)
    wanted = 2 * 1.96 * float((p - y).square().std()) / math.sqrt(rows)
    assert width(ends) == pytest.approx(wanted, rel=0.12)  # 1000 resamples: 3 sd
    assert ends[0] < metrics.Brier()(p, y) < ends[1]


@pytest.mark.parametrize(
    "metric", [metrics.AUROC(), metrics.AveragePrecision()], ids=lambda m: m.name
)
def test_first_order_agrees_with_the_bootstrap(
    metric: metrics.RankMetric, monkeypatch: pytest.MonkeyPatch
) -> None:
    p, y = yes_no(2_000)
    weights = torch.randint(1, 4, (2_000,)).double()
    for given in (None, weights):
        drawn = interval(metric, p, y, given)
        with monkeypatch.context() as patch:
            patch.setattr("dovetail.metrics.bootstrap.CELLS", 0)
            ends = interval(metric, p, y, given)
        assert width(ends) == pytest.approx(width(drawn), rel=0.25)  # 200: 3 sd
        assert sum(ends) / 2 == pytest.approx(metric(p, y, given))


def test_first_order_of_auroc_is_delong() -> None:
    """Variance of placements: var(V10) / positives + var(V01) / negatives."""
    p, y = yes_no(100_001)
    ends = interval(metrics.AUROC(), p, y)
    positive, negative = (p[y == k].sort().values for k in (1, 0))
    above = torch.searchsorted(negative, positive) / len(negative)
    below = 1 - torch.searchsorted(positive, negative) / len(positive)
    variance = above.var() / len(positive) + below.var() / len(negative)
    assert width(ends) == pytest.approx(2 * 1.959964 * float(variance.sqrt()), rel=1e-3)


def test_first_order_is_kept_below_the_best_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dovetail.metrics.bootstrap.CELLS", 0)
    p, y = torch.rand(30, 1), torch.ones(30, 1)
    p[0], y[0] = 0.05, 0
    assert interval(metrics.AUROC(), p, y)[1] <= 1


@pytest.mark.parametrize("metric", [metrics.Accuracy(), metrics.F1()])
def test_coverage_is_near_the_level(metric: metrics.Metric) -> None:
    """200 planted samples; a truth outside the band has a chance of 1 in 10,000."""
    rows, trials, share = 300, 200, 0.8
    g = torch.Generator().manual_seed(1)
    covered = 0
    # Each row right with chance 0.8, half of them positive: accuracy and F1 are 0.8.
    for trial in range(trials):
        truth = (torch.rand(rows, generator=g) < 0.5).long()
        right = torch.rand(rows, generator=g) < share
        decided = torch.where(right, truth, 1 - truth)
        low, high = interval(metric, decided, truth, resamples=400, seed=trial)
        covered += low <= share <= high
    # The percentile bootstrap of a share covers a little less than its level.
    least = binom.ppf(1e-4, trials, 0.93)
    most = binom.ppf(1 - 1e-4, trials, 0.97)
    assert least <= covered <= most


def test_equal_seeds_give_equal_intervals() -> None:
    p, y = yes_no(300)
    for metric in (metrics.LogLoss(), metrics.AUROC()):
        first = interval(metric, p, y, seed=3)
        torch.manual_seed(99)  # the global state does not matter
        assert interval(metric, p, y, seed=3) == first
        assert interval(metric, p, y, seed=4) != first


def test_a_higher_level_is_wider_and_weights_count() -> None:
    p, y = yes_no(400)
    metric = metrics.Brier()
    assert width(interval(metric, p, y, level=0.99)) > width(interval(metric, p, y))
    only = (torch.arange(400) < 100).double()  # 100 rows: twice the width
    for metric in (metrics.Brier(), metrics.AUROC()):
        ratio = width(interval(metric, p, y, only)) / width(interval(metric, p, y))
        assert ratio == pytest.approx(2, rel=0.3)


def test_one_row_has_an_interval_of_no_width() -> None:
    truth = torch.tensor([1])
    assert interval(metrics.Accuracy(), truth, truth) == (1, 1)
    point = torch.tensor([[2.0]])
    assert interval(metrics.RMSE(), point + 1, point) == (1, 1)
    assert interval(metrics.R2(), point + 1, point) == (0, 0)


def test_undefined_resamples_are_left_out() -> None:
    p = torch.tensor([[0.9], [0.2], [0.1]])
    one_positive = torch.tensor([[1.0], [0.0], [0.0]])
    assert interval(metrics.AUROC(), p, one_positive) == (1, 1)
    for truth in (torch.zeros(3, 1), torch.ones(3, 1)):
        low, high = interval(metrics.AUROC(), p, truth)
        assert math.isnan(low)
        assert math.isnan(high)


def test_r2_far_from_zero() -> None:
    y = torch.randn(500, 1, dtype=torch.float64)
    p = y + torch.randn(500, 1, dtype=torch.float64) / 2
    near = interval(metrics.R2(), p, y)
    far = interval(metrics.R2(), p + 1e9, y + 1e9)
    assert far == pytest.approx(near, rel=1e-5)


@pytest.mark.parametrize("rows", [74_000, 300_000])
def test_the_work_is_bounded(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    randint = torch.randint

    def counted(high: int, size: tuple[int, int], **options: object) -> Tensor:
        drawn.append(math.prod(size))
        return randint(high, size, **options)

    monkeypatch.setattr(torch, "randint", counted)
    p, y = yes_no(rows)
    for metric in (metrics.CalibrationError(), metrics.AUROC()):
        drawn.clear()
        interval(metric, p, y)
        assert sum(drawn) <= 20_000_000


@pytest.mark.parametrize("level", [0, 1, 95, -0.5])
def test_a_level_is_a_share(level: float) -> None:
    p, y = yes_no(10)
    with pytest.raises(ConfigError, match="level"):
        interval(metrics.Brier(), p, y, level=level)


def test_what_does_not_fit_is_refused() -> None:
    p, y = yes_no(10)
    with pytest.raises(ConfigError, match="resamples"):
        interval(metrics.Brier(), p, y, resamples=0)
    with pytest.raises(DataError, match="each row"):
        interval(metrics.Brier(), p, y[:5])
    with pytest.raises(DataError, match="at least one row"):
        interval(metrics.Brier(), p[:0], y[:0])
