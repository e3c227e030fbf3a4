"""Quantiles of many values are NumPy's, and those of few are NumPy's own."""

import numpy as np
import pytest

from dovetail.data import _quantiles
from dovetail.data._quantiles import quantiles

SHARES = (0, 0.25, 0.5, 0.75, 1)


@pytest.mark.parametrize("n", [2, 3, 999, 1000, 1001, 60_001])
@pytest.mark.parametrize(
    "draw",
    [
        lambda stream, n: stream.normal(size=n),
        lambda stream, n: stream.integers(0, 2, n).astype(float),
        lambda stream, n: stream.integers(-3, 3, n) / 7,
        lambda stream, n: np.arange(n, dtype=float),
        lambda stream, n: np.arange(n, dtype=float)[::-1].copy(),
        lambda stream, n: np.tile([1.0, 5.0, 9.0, 2.0], n)[:n],  # misleads a sample
        lambda stream, n: np.exp(stream.normal(size=n) * 50),
        lambda stream, n: np.full(n, -2.5),
        lambda stream, n: np.r_[np.zeros(n - 1), 1e300],
    ],
)
def test_equals_numpy(draw, n, monkeypatch):
    monkeypatch.setattr(_quantiles, "_FEW", 1)
    monkeypatch.setattr(_quantiles, "_SAMPLE", min(n, 500))
    monkeypatch.setattr(_quantiles, "_MARGIN", 40)
    values = draw(np.random.default_rng(n), n)
    wanted = np.quantile(values, SHARES).tolist()
    assert quantiles(values, SHARES) == wanted


def test_zero_has_no_sign(monkeypatch):
    for few in (1, 50_000):
        monkeypatch.setattr(_quantiles, "_FEW", few)
        monkeypatch.setattr(_quantiles, "_SAMPLE", 2)
        found = quantiles(np.array([-0.0, -0.0, 0.0, -0.0]), SHARES)
        assert np.signbit(found).sum() == 0
