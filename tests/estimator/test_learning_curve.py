"""Learning curves: nested parts, the law behind them, and what is said of it."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

import dovetail as dt
from dovetail import report
from dovetail.errors import ConfigError, DataError
from dovetail.estimator.growing import _order, _spread, batch_of
from dovetail.estimator.more_rows import forecast

ROWS = np.array([250.0, 500.0, 1000.0, 2000.0])


def resampled(errors: np.ndarray, noise: float) -> np.ndarray:
    """Each resample moves all points together, as equal rows do, and a little apart."""
    rng = np.random.default_rng(0)
    together = rng.normal(0, 10 * noise, (1, 300))
    return errors[:, None] + together + rng.normal(0, noise, (len(errors), 300))


@pytest.mark.parametrize("c", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("a", [0.0, 0.2])
def test_a_power_law_is_found_and_continued(a: float, c: float) -> None:
    errors = a + 3 * ROWS**-c
    told = forecast(ROWS, errors, resampled(errors, 1e-6), higher_is_better=False)
    assert told.score == pytest.approx(a + 3 * 4000.0**-c, rel=1e-6)
    assert told.gain == pytest.approx(3 * 2000.0**-c - 3 * 4000.0**-c, rel=1e-6)
    assert told.low <= told.gain <= told.high
    worth = told.gain >= 0.01 * errors[-1]
    assert (told.answer, told.rows) == ("yes" if worth else "hardly", 4000)


def test_scores_of_which_more_is_better_are_mirrored() -> None:
    errors = 0.1 + 3 * ROWS**-0.5
    lower = forecast(ROWS, errors, resampled(errors, 1e-6), higher_is_better=False)
    higher = forecast(
        ROWS, 1 - errors, 1 - resampled(errors, 1e-6), higher_is_better=True
    )
    assert higher.gain == pytest.approx(lower.gain)
    assert higher.score == pytest.approx(1 - lower.score)
    assert higher.score > 1 - errors[-1]


def test_a_level_curve_hardly_gains() -> None:
    errors = np.array([0.3002, 0.3001, 0.3, 0.3])
    told = forecast(ROWS, errors, resampled(errors, 1e-5), higher_is_better=False)
    assert told.answer == "hardly"
    assert told.gain < 0.003


def test_a_sure_gain_below_one_percent_is_a_little() -> None:
    errors = 0.3 + 0.35 * ROWS**-0.5
    told = forecast(ROWS, errors, resampled(errors, 4e-4), higher_is_better=False)
    assert 0 < told.low < told.gain < 0.01 * errors[-1] < told.high
    assert told.answer == "little"


@pytest.mark.parametrize("errors", [[0.3, 0.34, 0.28, 0.31], [0.30, 0.31, 0.32, 0.33]])
def test_noise_and_curves_that_rise_promise_nothing(errors: list[float]) -> None:
    values = np.array(errors)
    told = forecast(ROWS, values, resampled(values, 0.01), higher_is_better=False)
    assert told.answer == "unsure"
    assert told.gain >= 0
    assert told.scatter > 0.005


def test_an_error_is_never_promised_to_fall_below_zero() -> None:
    errors = 10 * ROWS**-1.0 - 0.004  # a line in 1/n that would go below 0
    told = forecast(ROWS, errors, resampled(errors, 1e-6), higher_is_better=False)
    assert told.score >= 0


def test_every_beginning_of_the_order_has_the_classes_in_proportion() -> None:
    rng = np.random.default_rng(0)
    strata = rng.choice(3, 1000, p=[0.7, 0.25, 0.05])
    order = _spread(strata, rng)
    assert sorted(order) == list(range(1000))
    shares = np.bincount(strata) / 1000
    for end in (125, 250, 500):
        counts = np.bincount(strata[order[:end]], minlength=3)
        assert np.abs(counts - end * shares).max() <= 2


def test_parts_hold_whole_groups_and_the_latest_rows() -> None:
    rng = np.random.default_rng(0)
    data = {
        "x": rng.normal(size=400),
        "who": rng.integers(0, 40, 400),
        "day": rng.permutation(400),
        "y": rng.normal(size=400),
    }
    grouped = dt.plan(data, "y", group="who")
    train = grouped.row_plan.folds[0].train
    who = data["who"][_order(grouped, train)]
    assert len(np.flatnonzero(np.diff(who))) == len(set(who)) - 1  # side by side
    by_time = dt.plan(data, "y", time="day")
    train = by_time.row_plan.folds[-1].train
    assert (np.diff(data["day"][_order(by_time, train)]) < 0).all()


def test_batches_shrink_with_the_root_of_the_part() -> None:
    assert [batch_of(s, 1024) for s in (0.125, 0.25, 0.5, 1)] == [512, 512, 1024, 1024]
    assert batch_of(1.0, 48) == 48  # what was asked for stays


@pytest.fixture(scope="module")
def curve() -> dt.estimator.LearningCurve:
    frame = load_iris(as_frame=True).frame
    return dt.learning_curve(frame, "target", folds=2, epochs=8, shares=(0.4, 0.6, 1))


def test_a_curve_of_real_rows_learns_and_says_so(curve) -> None:
    rows = [p.rows for p in curve.points]
    assert rows == [26, 38, 64]  # of 64, three rows in four tune none
    assert (curve.score_rows, curve.folds) == (150, 2)
    assert all(p.low <= p.score <= p.high for p in curve.points)
    assert curve.points[-1].score < curve.baseline
    text = curve.explain()
    for point in curve.points:
        assert f"{point.rows} rows" in text
        assert f"{point.score:.4g}" in text
    assert "More rows" in text
    chinese = curve.explain(lang="zh")
    assert "学习曲线" in chinese
    assert "更多行" in chinese
    figures = curve.to_json()
    assert [p["rows"] for p in figures["points"]] == rows
    assert figures["doubling"]["rows"] == 2 * rows[-1]
    assert report.learning_curve(figures) == curve.chain


def test_the_last_point_is_the_fit_itself(curve) -> None:
    """All rows, the same seed: folds of a plain fit have this very score."""
    frame = load_iris(as_frame=True).frame
    model = dt.fit(frame, "target", folds=2, epochs=8)
    assert curve.points[-1].score == pytest.approx(model.document["score"], abs=1e-9)


def test_too_few_rows_and_wrong_shares_are_refused() -> None:
    data = {"x": np.arange(60.0), "y": [0, 1, 1] * 20}
    with pytest.raises(DataError, match="training rows are too few for a learning"):
        dt.learning_curve(data, "y")
    with pytest.raises(ConfigError, match="increasing shares or more that end with 1"):
        dt.learning_curve(data, "y", shares=(0.5, 0.25, 1))
