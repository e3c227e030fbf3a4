"""From scores of growing parts to what twice as many rows would give.

    error(n) = a + b n^-c        a >= 0, b >= 0, c in 0.1 .. 1

The law is fitted to the scores, and to each bootstrap resample of the held-out rows;
what doubling gives is error(n) - error(2 n) at the last n, its interval that of the
resamples. One training run stands behind each score: where the points lie further from
their own curve than doubling would give, the noise is larger than the answer.

Hestness et al., "Deep Learning Scaling is Predictable, Empirically", 2017.
"""

from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

EXPONENTS = np.linspace(0.1, 1.0, 10)
WORTH = 0.01  # of the error at hand: what doubling has to give to be worth its while

Answer = Literal["yes", "little", "hardly", "unsure"]


@final
@dataclass(frozen=True)
class Forecast:
    """What twice as many training rows would give.

    ``gain`` is how much better the score would get, with its 95 % interval; ``scatter``
    how far the points lie from the fitted curve (root mean square).
    """

    answer: Answer
    rows: int
    score: float
    gain: float
    low: float
    high: float
    scatter: float

    def to_json(self) -> dict[str, Any]:
        """The fields as plain values."""
        return {
            "helps": self.answer,
            "rows": self.rows,
            "score": self.score,
            "gain": self.gain,
            "low": self.low,
            "high": self.high,
            "scatter": self.scatter,
        }


def forecast(
    rows: Float[ndarray, " p"],
    scores: Float[ndarray, " p"],
    resampled: Float[ndarray, "p r"],
    *,
    higher_is_better: bool,
) -> Forecast:
    """Fit and extrapolate; ``resampled`` are the scores of each resample.

    >>> n = np.array([100.0, 200.0, 400.0, 800.0])
    >>> error = 0.1 + 2 / n ** 0.5
    >>> told = forecast(n, error, np.stack([error] * 3, 1), higher_is_better=False)
    >>> told.answer, round(told.score, 4)  # 0.1 + 2 / 40
    ('yes', 0.15)
    """
    errors = 1 - scores if higher_is_better else scores
    each = 1 - resampled if higher_is_better else resampled
    each = each[:, np.isfinite(each).all(axis=0)]
    gain, scatter = _doubling(rows, errors[:, None])
    gains, _ = _doubling(rows, each)
    low, high = np.quantile(gains, [0.025, 0.975]).tolist()
    # The last point may lie below its curve; no error falls below 0.
    told, away = min(float(gain[0]), float(errors[-1])), float(scatter[0])
    better = told if higher_is_better else -told
    return Forecast(
        answer=_answer(told, low, high, away, WORTH * abs(float(errors[-1]))),
        rows=int(2 * rows[-1]),
        score=float(scores[-1]) + better,
        gain=told,
        low=low,
        high=high,
        scatter=away,
    )


def _answer(
    gain: float, low: float, high: float, scatter: float, worth: float
) -> Answer:
    if high < worth and scatter < worth:
        return "hardly"
    if low > 0 and gain > scatter:
        return "yes" if gain >= worth else "little"
    return "unsure"


def _doubling(
    rows: Float[ndarray, " p"], errors: Float[ndarray, "p r"]
) -> tuple[Float[ndarray, " r"], Float[ndarray, " r"]]:
    """What doubling the last n gives, and the fit's root mean square, column by column.

    For each exponent a and b are linear least squares; the exponent with the least sum
    of squares is taken.
    """
    least = np.full(errors.shape[1], np.inf)
    gains = np.zeros(errors.shape[1])
    for c in EXPONENTS:
        x = (rows / rows[-1]) ** -c  # 1 at the last n, so that b is a part of the error
        mean, middle = x.mean(), errors.mean(axis=0)
        b = ((x - mean) @ (errors - middle)) / ((x - mean) @ (x - mean))
        b = np.maximum(b, 0.0)
        a = middle - b * mean
        # An error is not negative: through the origin of x where a would be.
        through = np.maximum((x @ errors) / (x @ x), 0.0)
        b = np.where(a < 0, through, b)
        a = np.maximum(a, 0.0)
        squares = ((errors - a - np.outer(x, b)) ** 2).mean(axis=0)
        better = squares < least
        least = np.where(better, squares, least)
        gains = np.where(better, b * (1 - 2.0**-c), gains)
    return gains, np.sqrt(least)
