"""Forms of targets from data to fit, folder and back: what they go in as, they stay."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import dovetail as dt
from dovetail.errors import TargetError

QUICK = {"epochs": 2, "folds": 2, "batch_size": 32}
N = 120
RNG = np.random.default_rng(11)
X = RNG.normal(size=N)
YES = (X + 0.5 * RNG.normal(size=N) > 0).astype(int)


def kept(model: dt.Model, folder: Path) -> dt.Model:
    """The model saved and loaded, no different for it."""
    model.save(folder)
    back = dt.load(folder)
    assert back.task == model.task
    assert back.explain() == model.explain()
    return back


def test_a_one_hot_pair(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": X, "is_cat": 1 - YES, "is_dog": YES})
    names = ["is_cat", "is_dog"]
    model = dt.fit(frame, names, **QUICK)
    assert type(model.task).__name__ == "Binary"
    back = kept(model, tmp_path / "m")
    assert back.target == ("is_cat", "is_dog")
    outputs = json.loads((tmp_path / "m" / "schema.json").read_bytes())["outputs"]
    assert outputs == [{"name": name, "kind": "boolean"} for name in names]
    table = back.predict_table(frame[["x"]], proba=True)
    assert table.column_names == [*names, "is_cat_proba", "is_dog_proba"]
    decided = back.predict(frame)
    assert decided.shape == (N, 2)
    assert set(decided.sum(axis=1)) == {1}
    probs = back.predict_proba(frame)
    np.testing.assert_array_equal(decided[:, 1], probs[:, 1] > 0.5)
    # The columns are known by name when they are measured again.
    turned = frame[["is_dog", "x", "is_cat"]]
    scores = back.evaluate(turned)["metrics"]
    assert scores["accuracy"]["value"] == np.mean(decided[:, 1] == YES)


def test_a_quantile(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": X, "price": 1e5 + 1e3 * X + 500 * RNG.normal(size=N)})
    model = dt.fit(frame, "price", loss="pinball(taus=[0.9])", **QUICK)
    assert model.document["metric"] == "pinball"
    assert list(model.document["metrics"])[:2] == ["pinball", "coverage_gap"]
    assert "The estimate itself, the 0.9 quantile." in dict(model.chain)["Decision"]
    scores = kept(model, tmp_path / "m").evaluate(frame)["metrics"]
    below = np.mean(frame.price <= model.predict(frame))
    assert scores["coverage_gap"]["value"] == pytest.approx(abs(below - 0.9))


def test_several_numbers(tmp_path: Path) -> None:
    noise = RNG.normal(size=N)
    frame = pd.DataFrame({"x": X, "small": X + noise, "large": 1e9 + 1e7 * noise})
    model = dt.fit(frame, ["small", "large"], **QUICK)
    assert model.document["metric"] == "relative_rmse"
    # The best constant has the standard deviation of each column as its error.
    assert model.document["baseline"] == pytest.approx(1.0, abs=0.05)
    assert {"rmse_small", "r2_small", "rmse_large", "r2_large"} <= set(
        model.document["metrics"]
    )
    told = dict(model.chain)
    assert "Each row has 2 numbers." in told["Task"]
    assert "available" not in told["Task"]
    back = kept(model, tmp_path / "m")
    error = back.predict(frame) - frame[["small", "large"]].to_numpy()
    rmse = np.sqrt((error**2).mean(axis=0))
    scores = back.evaluate(frame)["metrics"]
    assert scores["rmse_large"]["value"] == pytest.approx(rmse[1])
    relative = (rmse / np.array(back.task.scale)).mean()  # type: ignore[attr-defined]
    assert scores["relative_rmse"]["value"] == pytest.approx(relative)


def test_lists_of_zeros_and_ones(tmp_path: Path) -> None:
    rows = [[int(a > 0), int(a > 0.5), int(b)] for a, b in zip(X, YES, strict=True)]
    table = pa.table({"x": X, "tags": rows})
    pq.write_table(table, tmp_path / "data.parquet")
    model = dt.fit(tmp_path / "data.parquet", "tags", **QUICK)
    assert type(model.task).__name__ == "MultiLabel"
    assert model.task.columns == ("tags0", "tags1", "tags2")
    back = kept(model, tmp_path / "m")
    assert back.target == ("tags",)
    assert back.predict(table).shape == (N, 3)
    assert back.evaluate(tmp_path / "data.parquet")["rows"] == N
    assert dt.fit(X[:, None], rows, **QUICK).predict(X[:, None]).shape == (N, 3)


def test_two_dates(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": X, "due": pd.to_datetime("2021-01-01")})
    frame.loc[YES == 1, "due"] = pd.Timestamp("2021-07-01")
    frame.to_csv(tmp_path / "data.csv", index=False)
    for data in (frame, tmp_path / "data.csv"):
        model = dt.fit(data, "due", **QUICK)
        assert model.task.classes == ("2021-01-01", "2021-07-01")  # type: ignore[attr-defined]
        table = model.predict_table(data, proba=True)
        assert table.column_names == ["due", "due_2021-01-01", "due_2021-07-01"]
        assert set(table.column(0).to_pylist()) <= {"2021-01-01", "2021-07-01"}
        told = " ".join(text for _, text in model.chain)
        assert "datetime" not in told
        assert "00:00" not in told
    back = kept(model, tmp_path / "m")
    for data in (frame, tmp_path / "data.csv"):
        assert back.evaluate(data)["rows"] == N


def test_decimal_labels_of_a_file_come_back_as_decimals(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    pd.DataFrame({"x": X, "y": YES.astype(float)}).to_csv(path, index=False)
    assert ",1.0" in path.read_text()
    back = kept(dt.fit(path, "y", **QUICK), tmp_path / "m")
    predicted = back.predict(path)
    assert predicted.dtype == np.float64
    assert set(predicted) <= {0.0, 1.0}
    assert set(back.predict_table(path).column(0).to_pylist()) <= {0.0, 1.0}


def test_counts_are_refused_by_the_name_of_their_column() -> None:
    frame = pd.DataFrame({"x": X, "visits": YES - 2.5})
    with pytest.raises(TargetError, match="Target column 'visits', data row 1: "):
        dt.fit(frame, "visits", task="count", **QUICK)
