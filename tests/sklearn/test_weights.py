"""What a weight means: so many rows; and that nothing depends on the rows' order."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris

import dovetail as dt

pytestmark = pytest.mark.filterwarnings("ignore::dovetail.errors.DovetailWarning")

SHORT: dict[str, Any] = {"epochs": 3, "folds": 2}
X, Y = load_iris(return_X_y=True)
WEIGHTS = np.random.default_rng(3).integers(0, 4, len(Y))
SHUFFLED = np.random.default_rng(4).permutation(len(Y))


def probs(*data: Any, **options: Any) -> np.ndarray:
    return dt.Classifier(**SHORT, **options).fit(*data).predict_proba(X)


def test_whole_weights_are_rows() -> None:
    often = np.repeat(SHUFFLED, WEIGHTS[SHUFFLED])
    assert np.array_equal(probs(X, Y, WEIGHTS), probs(X[often], Y[often]))
    assert np.array_equal(probs(X, Y, np.ones(150)), probs(X, Y))
    assert not np.array_equal(probs(X, Y, WEIGHTS), probs(X, Y))


def test_a_weight_of_0_is_no_row_among_parts_too() -> None:
    weights = WEIGHTS * 0.37
    kept = weights > 0
    wanted = probs(X[kept], Y[kept], weights[kept])
    assert np.array_equal(probs(X, Y, weights), wanted)
    turned = (X[SHUFFLED], Y[SHUFFLED], weights[SHUFFLED])
    assert np.array_equal(probs(*turned), wanted)


def test_numbers_have_no_order_either() -> None:
    x, y = load_diabetes(return_X_y=True)
    turned = np.random.default_rng(0).permutation(len(y))
    one = dt.Regressor(**SHORT).fit(x, y)
    other = dt.Regressor(**SHORT).fit(x[turned], y[turned])
    assert np.array_equal(one.predict(x), other.predict(x))
    assert one.model_.document["score"] == other.model_.document["score"]


def test_class_weights_are_weights_of_rows() -> None:
    by_class = {0: 1, 1: 3, 2: 2}
    of_rows = np.array([by_class[y] for y in Y])
    assert np.array_equal(probs(X, Y, class_weight=by_class), probs(X, Y, of_rows))
    both = probs(X, Y, WEIGHTS, class_weight=by_class)
    assert np.array_equal(both, probs(X, Y, WEIGHTS * of_rows))


def test_balanced_counts_rows_as_often_as_they_weigh() -> None:
    found = dt.Classifier(class_weight="balanced", **SHORT).fit(X, Y, WEIGHTS)
    known = WEIGHTS > 0
    share = np.bincount(Y, WEIGHTS) / WEIGHTS.sum()
    of_rows = np.where(known, WEIGHTS / (3 * share[Y]), 0)
    assert np.array_equal(found.predict_proba(X), probs(X, Y, of_rows))
    # A first guess of a third for each class: they weigh alike.
    start = found.model_.document["start_loss"]
    assert start == pytest.approx(np.log(3), abs=1e-6)


def test_rare_classes_that_weigh_more_are_said_more_often() -> None:
    few = np.concatenate([np.arange(50, 100), np.arange(100, 108)])
    plain = dt.Classifier(epochs=10).fit(X[few], Y[few])
    rare = dt.Classifier(epochs=10, class_weight="balanced").fit(X[few], Y[few])
    assert (rare.predict(X[50:]) == 2).sum() > (plain.predict(X[50:]) == 2).sum()


def test_wrong_weights_are_refused() -> None:
    classifier = dt.Classifier(**SHORT)
    with pytest.raises(ValueError, match=r"(?i)negative values in"):
        classifier.fit(X, Y, np.where(np.arange(150) == 7, -1, 1))
    with pytest.raises(ValueError, match="NaN"):
        classifier.fit(X, Y, np.where(np.arange(150) == 7, np.nan, 1))
    with pytest.raises(ValueError, match="one class"):
        classifier.fit(X, Y, (Y == 1).astype(float))
    with pytest.raises(ValueError, match="not in class_weight"):
        dt.Classifier(class_weight={0: 1, 7: 1}, **SHORT).fit(X, Y)
    with pytest.raises(dt.errors.ConfigError, match="indicator matrix"):
        dt.Classifier(class_weight="balanced", **SHORT).fit(X, np.eye(3)[Y][:, :2])
