"""Confidence intervals by bootstrap, in bounded time."""

import math
from collections.abc import Iterator
from functools import lru_cache
from statistics import NormalDist

import torch
from jaxtyping import Float64, Int16, Int64
from torch import Tensor

from dovetail.errors import ConfigError
from dovetail.metrics._base import Metric, RankMetric, RowMetric, check_rows
from dovetail.metrics._choices import whole_number

# At most so many draws: rows are put into blocks of equal size at random, and blocks
# are drawn instead of rows. Errors of different rows are independent, so a block's
# variance is the sum of its rows'; 20,000 blocks estimate it to 1 %.
BLOCKS = 20_000
# Statistics of all blocks together, in numbers; many classes make fewer blocks.
BLOCK_CELLS = 2_000_000
FEWEST_BLOCKS = 1_000

# A metric of ranks needs all rows in each resample: at most RANKED resamples, and no
# bootstrap where rows x columns x resamples would pass CELLS.
RANKED = 200
CELLS = 20_000_000

# Draws held in memory at once.
CHUNK = 250_000


def interval(
    metric: Metric,
    prediction: Tensor,
    truth: Tensor,
    weights: Tensor | None = None,
    *,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Where the metric lies in ``level`` of all samples of as many rows.

    Rows are drawn with replacement and the metric is computed anew, ``resamples``
    times; the interval is between the (1 - level) / 2 and (1 + level) / 2 quantiles.
    A weight multiplies the number of times a row is drawn. Rows are taken as
    independent: repeated measurements of one person make the interval too narrow.

    Above 20,000 rows a ``RowMetric`` draws random blocks of rows (see ``BLOCKS``). A
    ``RankMetric`` uses 200 resamples; above 100,000 rows (or rows x columns) there are
    none: the interval is the value plus and minus normal quantiles of the standard
    deviation to first order, from the derivative by each row's weight (the
    infinitesimal jackknife of Jaeckel, 1972; for AUROC that is DeLong's).

    Resamples in which the metric is undefined (AUROC with one class) are left out;
    (NaN, NaN) where less than two remain. One row gives an interval of no width.
    Equal seeds give equal intervals.

    >>> from dovetail.metrics import Accuracy
    >>> truth = torch.ones(100, dtype=torch.int64)
    >>> predicted = truth.clone(); predicted[:20] = 0  # 0.8 +- 1.96 * 0.04
    >>> interval(Accuracy(), predicted, truth)
    (0.7..., 0.8...)
    """
    whole_number(resamples, "resamples", "interval")
    if not 0 < level < 1:
        raise ConfigError(
            f"interval needs a level between 0 and 1, got {level!r}.",
            fix="give a share such as level=0.95",
        )
    check_rows(prediction, truth, weights, metric.name)
    prediction, truth = prediction.detach().cpu(), truth.detach().cpu()
    if isinstance(metric, RankMetric):
        resamples = min(resamples, RANKED)
        if prediction.numel() * resamples > CELLS:
            count = torch.ones(len(truth)) if weights is None else weights.cpu()
            return _to_first_order(metric, prediction, truth, count.double(), level)
    made = resampled(metric, prediction, truth, weights, resamples=resamples, seed=seed)
    made = made[made.isfinite()]
    if len(made) < min(2, resamples):
        return math.nan, math.nan
    low, high = made.quantile(torch.tensor([(1 - level) / 2, (1 + level) / 2]).double())
    return float(low), float(high)


def resampled(
    metric: Metric,
    prediction: Tensor,
    truth: Tensor,
    weights: Tensor | None = None,
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Float64[Tensor, " r"]:
    """The metric of each resample of the rows.

    Equal seeds draw equal rows, so that predictions of two models for the same rows
    are compared resample by resample.
    """
    prediction, truth = prediction.detach().cpu(), truth.detach().cpu()
    count = torch.ones(len(truth)) if weights is None else weights.detach().cpu()
    count = count.double()
    if isinstance(metric, RowMetric):
        return _from_rows(metric, prediction, truth, count, resamples, seed)
    if isinstance(metric, RankMetric):
        return _from_ranks(metric, prediction, truth, count, resamples, seed)
    raise ConfigError(
        f"{type(metric).__name__} is no RowMetric and no RankMetric.",
        fix="derive the metric from one of the two",
    )


def _from_rows(
    metric: RowMetric,
    prediction: Tensor,
    truth: Tensor,
    count: Tensor,
    resamples: int,
    seed: int,
) -> Float64[Tensor, " r"]:
    """The metric of each resample, from sums over blocks of rows."""
    metric = metric.about(truth)
    rows = len(truth)
    width = metric.statistics(prediction[:1], truth[:1]).shape[1]
    blocks = min(rows, BLOCKS, max(FEWEST_BLOCKS, BLOCK_CELLS // width))
    place, drawn = _drawn_blocks(rows, blocks, resamples, seed)
    sums = torch.zeros(blocks, width, dtype=torch.float64)
    for part, lines in metric.batches(prediction, truth):
        sums.index_add_(0, place[part], lines * count[part].unsqueeze(1))
    return torch.cat([metric.value(times.double() @ sums) for times in drawn])


@lru_cache(maxsize=1)
def _drawn_blocks(
    rows: int, blocks: int, resamples: int, seed: int
) -> tuple[Int64[Tensor, " n"], list[Int16[Tensor, "r b"]]]:
    """The block of each row, and how often each block is drawn, some draws at a time.

    Kept for the next metric: a task asks for the intervals of all of its own on the
    same rows, and drawing takes longer than all that is done with the draws.
    """
    generator = torch.Generator().manual_seed(seed)
    place = torch.arange(rows)
    if blocks < rows:
        place = torch.randperm(rows, generator=generator) % blocks
    # No block is drawn more than ``blocks`` <= 20,000 times.
    return place, [t.short() for t in _draws(blocks, resamples, generator)]


def _from_ranks(
    metric: RankMetric,
    prediction: Tensor,
    truth: Tensor,
    count: Tensor,
    resamples: int,
    seed: int,
) -> Float64[Tensor, " r"]:
    """The metric of each resample, a resample being other weights of the rows."""
    drawn = _draws(len(truth), resamples, torch.Generator().manual_seed(seed))
    return torch.cat([metric.ranked(prediction, truth, t * count) for t in drawn])


def _draws(
    size: int, resamples: int, generator: torch.Generator
) -> Iterator[Float64[Tensor, "r {size}"]]:
    """How often each of ``size`` things is drawn in ``size`` draws, some at a time."""
    step = max(1, CHUNK // size)
    for start in range(0, resamples, step):
        count = min(step, resamples - start)
        drawn = torch.randint(size, (count, size), generator=generator)
        drawn += size * torch.arange(count).unsqueeze(1)
        times = torch.bincount(drawn.flatten(), minlength=count * size)
        yield times.reshape(count, size).double()


def _to_first_order(
    metric: RankMetric, prediction: Tensor, truth: Tensor, count: Tensor, level: float
) -> tuple[float, float]:
    """The value plus and minus normal quantiles, not beyond the best value.

    How often a row is drawn has variance 1, independent of other rows but for the fixed
    total, and a common factor on all weights changes no metric.
    """
    times = torch.ones_like(count).requires_grad_()
    with torch.enable_grad():
        value = metric.ranked(prediction, truth, times * count)
        (slope,) = torch.autograd.grad(value, times)
    middle, deviation = float(value.detach()), float(slope.norm())
    away = NormalDist().inv_cdf((1 + level) / 2) * deviation
    low, high = middle - away, middle + away
    if metric.higher_is_better:
        return low, min(high, metric.best)
    return max(low, metric.best), high
