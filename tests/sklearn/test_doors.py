"""Estimator, fit, command line and folder give the same bits on the same data."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.datasets import load_iris

import dovetail as dt
from dovetail.cli.main import main

pytestmark = pytest.mark.filterwarnings("ignore::dovetail.errors.DovetailWarning")

SHORT: dict[str, Any] = {"epochs": 3, "folds": 2}


def adult(shared_data: Path) -> pd.DataFrame:
    path = shared_data / "adult"
    names = (path / "adult.names").read_text().splitlines()
    columns = [line.split(":")[0] for line in names if ":" in line and "|" not in line]
    return pd.read_csv(
        path / "adult.data",
        names=[*columns, "income"],
        nrows=2_100,
        skipinitialspace=True,
        na_values="?",
    )


def iris() -> pd.DataFrame:
    data = load_iris()
    frame = pd.DataFrame(data.data, columns=["a", "b", "c", "d"])
    return frame.assign(species=data.target_names[data.target])


def wine() -> pd.DataFrame:
    path = Path(__file__).parents[2] / "examples" / "data" / "wine_quality.csv"
    return pd.read_csv(path).iloc[::9]


def through(frame: pd.DataFrame, target: str, task: str, folder: Path) -> list[Any]:
    """Models of the command line, of the folder read again, and of ``fit``."""
    frame.to_csv(folder / "data.csv", index=False)
    out = folder / "model"
    said = ["--task", task, "--epochs", "3", "--out", str(out), "--quiet"]
    if len(frame) < 2_000:
        said += ["--folds", "2"]
    code = main(["fit", str(folder / "data.csv"), "--target", target, *said])
    assert code == 0
    options = SHORT if len(frame) < 2_000 else {"epochs": 3}
    return [dt.load(out), dt.fit(frame, target, task=task, **options)]


def test_classes_of_iris(tmp_path: Path) -> None:
    frame = iris()
    X, y = frame.drop(columns="species"), frame.species
    found = dt.Classifier(**SHORT).fit(X, y)
    probs = found.predict_proba(X)
    for model in through(frame, "species", "multiclass", tmp_path):
        assert np.array_equal(model.predict_proba(X), probs)
        assert model.predict(X).tolist() == found.predict(X).tolist()


def test_numbers_of_wine(tmp_path: Path) -> None:
    frame = wine()
    X, y = frame.drop(columns="quality"), frame.quality
    found = dt.Regressor(**SHORT).fit(X, y)
    for model in through(frame, "quality", "regression", tmp_path):
        assert np.array_equal(model.predict(X), found.predict(X))


def test_words_numbers_and_missing_cells_of_adult(
    tmp_path: Path, shared_data: Path
) -> None:
    frame = adult(shared_data)
    X, y = frame.drop(columns="income"), frame.income
    assert X.isna().any().any()
    found = dt.Classifier(epochs=3).fit(X, y)
    probs = found.predict_proba(X)
    for model in through(frame, "income", "binary", tmp_path):
        assert np.array_equal(model.predict_proba(X), probs)


def test_every_kind_of_frame_and_of_target() -> None:
    frame = wine().assign(quality=lambda f: np.where(f.quality > 5, "good", "bad"))
    frame.loc[frame.index[::7], "pH"] = np.nan
    X, y = frame.drop(columns="quality"), frame.quality
    wanted = dt.Classifier(**SHORT).fit(X, y).predict_proba(X)
    for rows, labels in (
        (pl.from_pandas(X), pl.Series(y.tolist())),
        (pa.Table.from_pandas(X, preserve_index=False), pa.array(y.tolist())),
        (pa.RecordBatch.from_pandas(X, preserve_index=False), y.tolist()),
        (pl.from_pandas(X), y.astype("category")),
        (X, y.to_numpy()),
    ):
        found = dt.Classifier(**SHORT).fit(rows, labels)
        assert list(found.feature_names_in_) == list(X.columns)
        for asked in (rows, X):
            assert np.array_equal(found.predict_proba(asked), wanted)


def test_a_matrix_and_a_frame_of_the_same_numbers() -> None:
    frame = iris()
    X, y = frame[["a", "b", "c", "d"]], frame.species
    named, plain = dt.Classifier(**SHORT), dt.Classifier(**SHORT)
    named.fit(X, y)
    plain.fit(X.to_numpy(), y)
    assert not hasattr(plain, "feature_names_in_")
    assert np.array_equal(named.predict_proba(X), plain.predict_proba(X.to_numpy()))
    with pytest.warns(UserWarning, match="valid feature names"):
        found = named.predict_proba(X.to_numpy())
    assert np.array_equal(found, named.predict_proba(X))
    with pytest.warns(UserWarning, match="fitted without feature names"):
        found = plain.predict_proba(X)
    assert np.array_equal(found, named.predict_proba(X))
    with pytest.raises(ValueError, match="feature names should match"):
        named.predict(X.rename(columns={"a": "e"}))


def test_the_model_is_a_model(tmp_path: Path) -> None:
    frame = iris()
    X, y = frame.drop(columns="species"), frame.species
    found = dt.Classifier(**SHORT).fit(X, y)
    found.model_.save(tmp_path / "m")
    loaded = dt.load(tmp_path / "m")
    assert np.array_equal(loaded.predict_proba(X), found.predict_proba(X))
    document = json.loads((tmp_path / "m" / "metrics.json").read_text())
    assert document["rows"]["total"] == 150
    assert "Multiclass" in found.model_.explain()
    assert found.n_iter_ == len(found.loss_curve_) >= 1
    assert found.n_outputs_ == 1
    assert found.model_.target == ("species",)
    several = dt.Regressor(**SHORT).fit(
        frame[["a", "b"]], pl.from_pandas(frame[["c", "d"]])
    )
    assert several.model_.target == ("c", "d")
