"""How often rows count, and that small data has no order."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

import dovetail as dt
from dovetail.data import FOLDS_BELOW
from tests.estimator.conftest import signal

pytestmark = pytest.mark.filterwarnings("ignore::dovetail.errors.DovetailWarning")

SHORT: dict[str, Any] = {"epochs": 2, "folds": 2}


@pytest.fixture
def frame() -> pd.DataFrame:
    """Numbers, words and dates, some missing; a target that follows from them."""
    found = signal(90)
    found.loc[found.index[::8], ["b", "colour"]] = None
    noise = np.random.default_rng(5).normal(size=90)
    return found.assign(y=found.a + (found.colour == "red") + noise)


def weights_of(model: dt.Model) -> list[torch.Tensor]:
    return list(model.network.state_dict().values())


def equal(one: dt.Model, other: dt.Model) -> bool:
    pairs = zip(weights_of(one), weights_of(other), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_the_order_of_rows_means_nothing(frame: pd.DataFrame) -> None:
    one = dt.fit(frame, "y", **SHORT)
    other = dt.fit(frame.sample(frac=1, random_state=1), "y", **SHORT)
    assert equal(one, other)
    assert one.document["score"] == other.document["score"]
    assert one.history == other.history


def test_every_door_has_the_same_order(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    frame.to_csv(path, index=False)
    wanted = dt.fit(frame, "y", **SHORT)
    text = io.BytesIO(path.read_bytes())
    for data in (path, pl.from_pandas(frame), pd.read_csv(text)[frame.columns]):
        assert equal(dt.fit(data, "y", **SHORT), wanted)


def test_whole_weights_are_rows_and_are_counted_as_the_users(
    frame: pd.DataFrame,
) -> None:
    times = np.random.default_rng(2).integers(0, 3, len(frame))
    weighted = dt.fit(frame.assign(w=times), "y", weight="w", **SHORT)
    assert equal(weighted, dt.fit(frame, "y", weight=times, **SHORT))
    assert equal(weighted, dt.fit(frame.loc[frame.index.repeat(times)], "y", **SHORT))
    rows, none = weighted.document["rows"], int((times == 0).sum())
    assert rows["total"] == len(frame)
    assert rows["weightless"] == none
    assert rows["train"] == rows["score"] == len(frame) - none
    told = " ".join(weighted.document["notes"])
    assert f"{none} rows of weight 0 left out" in told
    assert f"{90 - none} rows were taken as {times.sum()}" in told


def test_fractions_stay_weights_and_none_is_no_row(frame: pd.DataFrame) -> None:
    weights = np.random.default_rng(2).integers(0, 3, len(frame)) / 2
    kept = weights > 0
    planned = dt.plan(frame, "y", weight=weights)
    assert planned.given.main.weights is not None
    assert len(planned.given.main) == kept.sum()
    one = dt.fit(frame, "y", weight=weights, **SHORT)
    assert equal(one, dt.fit(frame[kept], "y", weight=weights[kept], **SHORT))


def test_large_sums_stay_weights() -> None:
    rows = FOLDS_BELOW // 2
    x = np.random.default_rng(0).normal(size=(rows, 2))
    few = dt.plan(x, x[:, 0], weight=np.ones(rows))
    many = dt.plan(x, x[:, 0], weight=np.full(rows, 2.0))
    assert few.given.main.weights is None
    assert many.given.main.weights is not None
    assert len(many.given.main) == rows


def test_errors_name_the_users_rows(frame: pd.DataFrame) -> None:
    times = np.full(len(frame), 2)
    times[:10] = 0
    frame.loc[40, "a"] = np.inf
    with pytest.raises(dt.errors.DataError, match="data row 41"):
        dt.fit(frame, "y", weight=times, **SHORT)
    frame.loc[40, ["a", "y"]] = [0.0, None]
    planned = dt.plan(frame, "y", weight=times)
    assert planned.missing_target == 1
    assert planned.rows["total"] == len(frame)
    with pytest.raises(dt.errors.DataError, match="90 rows, but 3 weights"):
        dt.fit(frame, "y", weight=[1, 2, 3])
    with pytest.raises(dt.errors.DataError, match="-1 in data row 4"):
        dt.fit(frame, "y", weight=[1, 1, 1, -1] + [1] * 86)


def test_groups_and_times_come_along(frame: pd.DataFrame) -> None:
    turned = frame.assign(g=np.arange(90) // 6).sample(frac=1, random_state=3)
    for role in ({"group": "g"}, {"time": "when"}):
        ordered = turned.sort_values("g")
        one, other = dt.plan(turned, "y", **role), dt.plan(ordered, "y", **role)
        assert equal(
            dt.fit(turned, "y", **role, **SHORT), dt.fit(ordered, "y", **role, **SHORT)
        )
        assert one.rule == other.rule
    planned = dt.plan(turned, "y", time="when")
    when = turned.when.to_numpy()
    for fold in planned.row_plan.folds:
        assert when[fold.train].max() <= when[fold.tune].min()
        assert when[fold.tune].max() <= when[fold.score].min()
    groups = turned.g.to_numpy()
    for fold in dt.plan(turned, "y", group="g").row_plan.folds:
        assert not set(groups[fold.train]) & set(groups[fold.score])


def test_row_numbers_are_known_by_the_users_order(frame: pd.DataFrame) -> None:
    numbered = frame.assign(n=np.arange(90))
    planned = dt.plan(numbered, "y")
    assert ("n", "identifier: integers in steps of 1: 0, 1, ...") in (
        planned.schema.set_aside
    )
    first = frame.a.rank().astype(int)  # no gaps, but in no order: a number
    assert "n" in dt.plan(frame.assign(n=first), "y").schema.columns


def test_a_row_served_alone_has_the_bits_of_the_table(frame: pd.DataFrame) -> None:
    model = dt.fit(frame, "y", **SHORT)
    whole = model.predict(frame)
    alone = [model.predict(frame.iloc[[i]])[0] for i in range(0, 90, 7)]
    assert np.array_equal(alone, whole[::7])


def test_a_small_table_may_begin_with_dates_that_begin_with_the_day() -> None:
    rng = np.random.default_rng(0)
    days = [f"{day}/{month}/2024" for day, month in rng.integers(1, 13, (59, 2))]
    table = pd.DataFrame(
        {"when": ["31/12/2024", *days], "x": rng.normal(size=60), "y": ["a", "b"] * 30}
    )
    planned = dt.plan(table, "y")
    assert planned.schema.inputs[0].kind == "datetime"
    turned = dt.plan(table[::-1].reset_index(drop=True), "y")
    assert (len(table) - 1 - turned.order == planned.order).all()
