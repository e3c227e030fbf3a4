"""Fit, save, load, predict for each task: from Python, from a file, the same bits."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import dovetail as dt
from tests.estimator.conftest import QUICK


@pytest.fixture(scope="module")
def model(table: tuple[pd.DataFrame, list[str]], task_name: str) -> dt.Model:
    frame, target = table
    return dt.fit(frame, target, task=task_name, **QUICK)


def test_learns_the_planted_signal(model: dt.Model) -> None:
    document = model.document
    better = document["score"] - document["baseline"]
    assert better > 0 if document["higher_is_better"] else better < 0
    entry = document["metrics"][document["metric"]]
    assert entry["low"] <= entry["value"] <= entry["high"]


def test_inferred_task_is_the_one_meant(table, task_name: str) -> None:
    frame, target = table
    assert type(dt.plan(frame, target).task).__name__ == task_name


def test_saved_and_loaded_predicts_the_same_bits(
    model: dt.Model, table, tmp_path: Path
) -> None:
    frame, _ = table
    before = model.raw(frame)
    model.save(tmp_path / "model")
    again = dt.load(tmp_path / "model")
    assert again.raw(frame).equal(before)
    assert again.task == model.task
    assert again.document == json.loads(json.dumps(model.document))
    assert again.predict_table(frame).equals(model.predict_table(frame))
    assert again.explain() == model.explain()
    assert again.explain(lang="zh") == model.explain(lang="zh") != model.explain()


def test_a_file_and_every_kind_of_frame_predict_the_same_bits(
    model: dt.Model, table, csv: Path
) -> None:
    pl = pytest.importorskip("polars")
    frame, _ = table
    raw = model.raw(frame)
    assert model.raw(csv).equal(raw)
    assert model.raw(pa.Table.from_pandas(frame, preserve_index=False)).equal(raw)
    assert model.raw(pl.from_pandas(frame)).equal(raw)
    shuffled = frame[frame.columns[::-1]].assign(extra=1)
    assert model.raw(shuffled).equal(raw)


def test_the_same_fit_twice_is_the_same_model(table, task_name: str) -> None:
    frame, target = table
    one, two = (dt.fit(frame, target, task=task_name, **QUICK) for _ in range(2))
    assert one.raw(frame).equal(two.raw(frame))
    assert one.document == two.document


def test_the_same_fit_twice_gives_the_same_folder(
    table, task_name: str, tmp_path: Path
) -> None:
    frame, target = table
    for name in ("one", "two"):
        dt.fit(frame, target, task=task_name, out=tmp_path / name, **QUICK)
    manifests = [(tmp_path / n / "manifest.json").read_bytes() for n in ("one", "two")]
    assert manifests[0] == manifests[1]


def test_predictions_have_the_form_of_the_target(
    model: dt.Model, table, task_name: str
) -> None:
    frame, target = table
    predicted = model.predict_table(frame)
    assert predicted.column_names == target
    assert predicted.num_rows == len(frame)
    values = model.predict(frame)
    assert values.shape == ((len(frame), 2) if len(target) > 1 else (len(frame),))
    if task_name in ("Binary", "Multiclass", "Ordinal"):
        assert set(values) <= set(frame[target[0]])


def test_probabilities(model: dt.Model, table, task_name: str) -> None:
    frame, _ = table
    if task_name in ("Regression", "Count"):
        with pytest.raises(dt.errors.ConfigError, match="no probabilities"):
            model.predict_proba(frame)
        return
    probs = model.predict_proba(frame)
    assert ((probs >= 0) & (probs <= 1)).all()
    columns = model.predict_table(frame, proba=True).column_names
    if task_name == "MultiLabel":
        assert columns == ["l1", "l2", "l1_proba", "l2_proba"]
    else:
        assert np.allclose(probs.sum(1), 1)
        assert columns == ["y", *(f"y_{label}" for label in model.task.classes)]


def test_evaluate_on_the_file_equals_evaluate_on_the_frame(
    model: dt.Model, table, csv: Path
) -> None:
    frame, _ = table
    answer = model.evaluate(csv)
    assert answer == model.evaluate(frame)
    assert answer["rows"] == len(frame)
    assert set(answer["metrics"]) == {m.name for m in model.task.metrics}


def test_summary_and_document_hold_no_nan(model: dt.Model) -> None:
    json.dumps(model.summary(), allow_nan=False)
    json.dumps(model.document, allow_nan=False)


def test_weights_count_rows(table, task_name: str) -> None:
    frame, target = table
    frame = frame.assign(w=np.where(frame.colour == "red", 0.0, 1.0))
    model = dt.fit(frame, target, task=task_name, weight="w", **QUICK)
    assert "w" not in model.schema.columns


def test_row_roles_add_up(table, task_name: str) -> None:
    frame, target = table
    big = pd.concat([frame] * 10, ignore_index=True)
    rows = dt.plan(big, target, task=task_name).rows
    assert rows["train"] + rows["tune"] + rows["score"] == rows["total"] == len(big)
    assert rows["train"] == pytest.approx(0.70 * len(big), abs=20)
