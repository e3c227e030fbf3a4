"""Would more rows help? The same fit on nested parts of the training rows.

    part       1/8, 1/4, 1/2 and all of the training rows, each inside the next
    score      on the same held-out rows, on which nothing was chosen
    epochs     as many as for all rows
    batches    smaller with the square root of the part, a power of two, 32 at least:
               between the same number of steps, which would take a part as long as the
               whole, and the same batches, which would leave it untrained

So all parts together take about twice as long as the whole alone. Parts keep the shares
of classes; rows of one group stay together; by time the latest rows are taken, those
next to the rows that score.
"""

import math
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, final

import numpy as np
import pyarrow as pa
from numpy import ndarray

from dovetail import metrics, report
from dovetail.data import Rows as RowNumbers
from dovetail.errors import ConfigError, DataError, DovetailWarning
from dovetail.estimator import defaults
from dovetail.estimator.dividing import times_of_rows
from dovetail.estimator.fitting import score_of
from dovetail.estimator.more_rows import Forecast, forecast
from dovetail.estimator.one_run import Report, Watch, fit_one
from dovetail.estimator.planning import Planned, plan
from dovetail.estimator.scoring import Scored, pool
from dovetail.tasks import Task
from dovetail.train import Stop, threads

SHARES = (0.125, 0.25, 0.5, 1.0)
LEAST = 20  # rows of the smallest part
RESAMPLES = 400


@final
@dataclass(frozen=True)
class Point:
    """One part: how many rows trained, and the score with its 95 % interval."""

    rows: int
    score: float
    low: float
    high: float


@final
@dataclass(frozen=True)
class LearningCurve:
    """Scores by number of training rows, and what twice as many would give.

    ``explain()`` says it in words, ``to_json()`` in numbers.
    """

    metric: str
    higher_is_better: bool
    baseline: float  # of the best answer that ignores the inputs
    score_rows: int
    folds: int
    points: tuple[Point, ...]
    forecast: Forecast

    @property
    def chain(self) -> list[tuple[str, str]]:
        """Heading and text, in English that knows its Chinese."""
        return report.learning_curve(self.to_json())

    def explain(self, lang: str = "en") -> str:
        """The curve and what it says, in English ("en") or Chinese ("zh")."""
        return report.as_text(self.chain_in(lang))

    def chain_in(self, lang: str) -> list[tuple[str, str]]:
        """Heading and text in this language."""
        return report.chain_in(self.chain, lang)

    def to_json(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return {
            "metric": self.metric,
            "higher_is_better": self.higher_is_better,
            "baseline": self.baseline,
            "score_rows": self.score_rows,
            "folds": self.folds,
            "points": [
                {"rows": p.rows, "score": p.score, "low": p.low, "high": p.high}
                for p in self.points
            ],
            "doubling": self.forecast.to_json(),
        }


def learning_curve(
    data: Any,
    target: Any = None,
    *,
    shares: Sequence[float] = SHARES,
    progress: Report | None = None,
    **options: Any,
) -> LearningCurve:
    """Train on nested parts of the training rows, score each on the same other rows.

    Args:
        data, target: as for ``fit``.
        shares: increasing shares of the training rows, the last one 1.
        progress: called some ten times a second with a ``Progress``.
        **options: as for ``fit``, but for those of a model folder.

    Raises:
        DataError: too few rows for a curve, or data that cannot be used.
        ConfigError: shares that do not increase to 1, choices that do not fit.
    """
    planned = plan(data, target, **options)
    for warning in planned.warnings:
        warnings.warn(warning, DovetailWarning, stacklevel=2)
    return curve_of(planned, shares=shares, progress=progress)


def curve_of(
    planned: Planned,
    *,
    shares: Sequence[float] = SHARES,
    progress: Report | None = None,
) -> LearningCurve:
    """The curve of a plan; nothing of the plan is changed."""
    sizes = _checked(shares, min(len(f.train) for f in planned.row_plan.folds))
    folds = [
        (number, fold, _order(planned, fold.train))
        for number, fold in enumerate(planned.row_plan.folds, start=1)
    ]
    several = len(folds) > 1
    runs = len(sizes) * len(folds)
    limit, begun = planned.options.time_limit, time.monotonic()
    metric, to = planned.task.metrics[0], planned.task
    points, made = [], []
    baseline = 0.0
    with threads(None):
        for share in sizes:
            scored = []
            for number, fold, order in folds:
                chosen = order[: round(share * len(order))]
                rows = fold.train[np.isin(fold.train, chosen)]  # in the fit's order
                part = _sized(planned, share)
                # Each run gets an equal part of the time that is left.
                left = None if limit is None else limit - (time.monotonic() - begun)
                stop = Stop(None if left is None else max(0.0, left) / runs)
                one = fit_one(
                    part,
                    planned.learn_schema(rows),
                    RowNumbers(rows, fold.tune, fold.score),
                    Watch(part, stop, None, progress),
                    fold_number=number if several else None,
                )
                runs -= 1
                given = planned.given
                held = given.main.take(fold.score) if given.test is None else given.test
                scored.append(score_of(one, held))
            trained = round(share * sum(len(f.train) for _, f, _ in folds) / len(folds))
            values, low, high, value, baseline = _measured(
                metric, to, scored, planned.config.seed
            )
            points.append(Point(trained, value, low, high))
            made.append(values)
    return LearningCurve(
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        baseline=baseline,
        score_rows=sum(len(s.raw) for s in scored),
        folds=len(folds),
        points=tuple(points),
        forecast=forecast(
            np.array([p.rows for p in points], np.float64),
            np.array([p.score for p in points], np.float64),
            np.stack(made),
            higher_is_better=metric.higher_is_better,
        ),
    )


def _measured(
    metric: metrics.Metric, to: Task, scored: list[Scored], seed: int
) -> tuple[ndarray, float, float, float, float]:
    """Resampled values, their 95 % interval, the value, the constant's value."""
    rows = pool(scored, to)
    views = to.views(rows.raw, rows.target)[metric.takes]
    value = metric(*views, rows.weights)
    values = metrics.resampled(
        metric, *views, rows.weights, resamples=RESAMPLES, seed=seed
    ).numpy()
    low, high = np.nanquantile(values, [0.025, 0.975]).tolist()
    best = to.views(rows.constant, rows.target)[metric.takes]
    baseline = metric(*best, rows.weights)
    return values, low, high, value, baseline


def batch_of(share: float, whole: int) -> int:
    """Rows of a step where ``share`` of the rows train; ``whole`` where all of them do.

    >>> [batch_of(share, 256) for share in SHARES], batch_of(0.125, 32)
    ([128, 128, 256, 256], 32)
    """
    near = 1 << math.ceil(math.log2(whole * share**0.5))
    return min(whole, max(32, near))


def _sized(planned: Planned, share: float) -> Planned:
    """The plan with the batches of this part of the rows."""
    said, config = planned.options, planned.config
    batch_size = said.batch_size or batch_of(share, config.batch_size)
    return replace(
        planned,
        config=config.model_copy(update={"batch_size": batch_size}),
        optimizer=defaults.optimizer(said.optimizer, said.lr, batch_size),
    )


def _order(planned: Planned, train: ndarray) -> ndarray:
    """Training rows in an order of which every beginning is a part to learn from."""
    main, given = planned.given.main, planned.given
    if given.time is not None:
        times = times_of_rows(given, main)[train]
        return np.asarray(train[np.argsort(-times, kind="stable")])
    rng = np.random.Generator(np.random.PCG64(planned.config.seed))
    if given.group is not None:
        named = main.table.column(given.group).take(pa.array(train)).to_pylist()
        groups = np.unique([str(name) for name in named], return_inverse=True)[1]
        place = rng.permutation(int(groups.max()) + 1)
        return np.asarray(train[np.argsort(place[groups], kind="stable")])
    strata = planned.task.strata(planned.task.encode(main.take(train).target))
    spread = _spread(np.unique(strata, return_inverse=True)[1], rng)
    return np.asarray(train[spread])


def _spread(strata: ndarray, rng: np.random.Generator) -> ndarray:
    """An order in which every beginning has the strata in proportion.

    The r-th of a stratum's m rows stands at (r + 1/2) / m of the way.
    """
    shuffled = rng.permutation(len(strata))
    by_stratum = shuffled[np.argsort(strata[shuffled], kind="stable")]
    counts = np.bincount(strata)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    rank = np.arange(len(strata)) - np.repeat(starts, counts)
    way = (rank + rng.random(len(strata))) / np.repeat(counts, counts)
    return np.asarray(by_stratum[np.argsort(way, kind="stable")], np.int64)


def _checked(shares: Sequence[float], rows: int) -> list[float]:
    asked = [float(share) for share in shares]
    increasing = all(a < b for a, b in pairwise(asked))
    if len(asked) < 3 or not increasing or asked[0] <= 0 or asked[-1] != 1:
        raise ConfigError(
            f"A learning curve needs three increasing shares or more that end with 1, "
            f"got {asked}.",
            fix="leave shares out, or give such as (0.125, 0.25, 0.5, 1)",
        )
    kept = [share for share in asked if round(share * rows) >= LEAST]
    if len(kept) < 3:
        needed = round(LEAST / asked[-3])
        raise DataError(
            f"{rows} training rows are too few for a learning curve; {needed} or more "
            "were needed.",
            fix="add rows, or fewer folds (--folds) so that more of them train",
        )
    return kept
