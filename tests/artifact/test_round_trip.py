"""What is saved comes back with the same bits, and equal parts give equal bytes."""

import json
import math
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import safetensors.torch
import torch
import yaml
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dovetail import artifact, losses, tasks
from dovetail._folder import read_folder
from dovetail.artifact.format import plain, to_json, to_yaml
from dovetail.artifact.outputs import outputs
from dovetail.data.schema import Schema
from dovetail.errors import FolderError

N = 60
SHAPES = {
    "hours": [k + 0.1 for k in range(N)],
    "职业": ["医生", "教师 🍎", "<b>"] * (N // 3),
    "smoker": ["yes", "no"] * (N // 2),
    "since": [datetime(2020, 1 + k % 12, 3) for k in range(N)],
    "id": [f"row-{k:04d}" for k in range(N)],
}
TARGETS = {
    "Binary": ["no", "yes"] * (N // 2),
    "Multiclass": ["赤", "green", "blue 🐟"] * (N // 3),
    "Ordinal": ["low", "medium", "high"] * (N // 3),
    "MultiLabel": ["a|b", "b", ""] * (N // 3),
    "Regression": [0.1 * k for k in range(N)],
    "Count": [k % 7 for k in range(N)],
}
HASHED = (
    "schema.json", "preprocess.json", "task.json", "network.json",
    "weights.safetensors", "config.yaml", "metrics.json", "history.jsonl",
    "examples.json", "README.md", "report.html",
)  # fmt: skip


def parts_of(name: str) -> artifact.Parts:
    table = pa.table(SHAPES)
    task = tasks.by_name(name).from_targets(TARGETS[name])
    torch.manual_seed(1)
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    return artifact.Parts(
        task=task,
        schema=Schema.fit(table, target=()),
        target=("価格",),
        network_spec={"name": "tabular", "width": 4, "bins": [0.1, 1 / 3]},
        weights=network.state_dict(),
        config={"seed": 0, "optimizer": {"lr": 1e-5, "betas": (0.9, 0.95)}, "a": None},
        document={"score": 0.1 + 0.2, "metrics": {"auroc": {"value": math.nan}}},
        history=[{"fold": None, "epoch": 1, "loss": 0.7}, {"fold": 0, "epoch": 2}],
        examples={"rows": table.slice(0, 2).to_pylist(), "answers": [{"y": "赤"}]},
        card="# モデル\n",
        report="<!DOCTYPE html>\n<p>報告 🎉</p>\n",
    )


@pytest.fixture(params=TARGETS)
def parts(request: pytest.FixtureRequest) -> artifact.Parts:
    return parts_of(request.param)


def same_weights(one: dict, two: dict) -> bool:
    return one.keys() == two.keys() and all(
        one[k].dtype == two[k].dtype and torch.equal(one[k], two[k]) for k in one
    )


def test_every_part_comes_back(parts: artifact.Parts, tmp_path: Path) -> None:
    folder = artifact.save(tmp_path / "model", parts, {"seconds": 1.5})
    back = artifact.load(folder)
    assert back.task == parts.task
    assert back.task.bias == parts.task.bias
    assert back.schema == parts.schema
    assert back.target == parts.target
    assert same_weights(back.weights, parts.weights)
    assert back.network_spec == parts.network_spec
    assert back.config == {**plain(parts.config)}
    assert back.document["score"] == 0.1 + 0.2
    assert back.document["metrics"] == {"auroc": {"value": None}}
    assert back.history == list(parts.history)
    assert back.examples["rows"][1]["职业"] == "教师 🍎"
    assert (back.card, back.report) == (parts.card, parts.report)


def test_packing_again_gives_the_same_bytes(parts: artifact.Parts) -> None:
    once = artifact.pack(parts)
    assert artifact.pack(artifact.unpack(once)) == once
    assert artifact.pack(parts_of(type(parts.task).__name__)) == once


def test_the_transformed_features_are_the_same_bits(parts: artifact.Parts) -> None:
    back = artifact.unpack(artifact.pack(parts))
    table = pa.table(SHAPES)
    one, two = parts.schema.transform(table), back.schema.transform(table)
    assert torch.equal(one.numbers, two.numbers)
    assert torch.equal(one.categories, two.categories)


def test_folder_holds_the_promised_files(tmp_path: Path) -> None:
    folder = artifact.save(tmp_path / "m", parts_of("Binary"), {"seconds": 1.5})
    there = {p.name for p in folder.iterdir()}
    assert there == {*HASHED, "manifest.json", "run.json"}
    assert json.loads((folder / "run.json").read_bytes()) == {"seconds": 1.5}


def test_files_read_without_dovetail() -> None:
    files = artifact.pack(parts_of("Multiclass"))
    schema = json.loads(files["schema.json"])
    assert [entry["name"] for entry in schema["inputs"]] == [
        "hours", "职业", "smoker", "since",
    ]  # fmt: skip
    assert schema["inputs"][1]["labels"] == ["<b>", "医生", "教师 🍎"]
    assert schema["outputs"] == [
        {"name": "価格", "kind": "category", "labels": ["blue 🐟", "green", "赤"]}
    ]
    learnt = json.loads(files["preprocess.json"])["inputs"]
    assert learnt["hours"].keys() == {"center", "scale"}
    assert "医生" in files["schema.json"].decode()  # letters, not escapes
    config = yaml.safe_load(files["config.yaml"])
    assert config == {"a": None, "optimizer": {"betas": [0.9, 0.95], "lr": 1e-05},
                      "seed": 0}  # fmt: skip
    assert list(config) == sorted(config)
    assert safetensors.torch.load(files["weights.safetensors"]).keys() == {
        "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var",
        "1.num_batches_tracked",
    }  # fmt: skip


def test_json_is_strict_json() -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    for name, data in artifact.pack(parts_of("Binary")).items():
        if name.endswith(".json"):
            json.loads(data, parse_constant=refuse)


def test_tied_and_strided_weights_are_written_whole() -> None:
    shared = torch.arange(6.0).reshape(2, 3)
    weights = {"a": shared, "b": shared, "rows": shared[1:], "t": shared.T}
    back = artifact.unpack(artifact.pack(replace(parts_of("Binary"), weights=weights)))
    assert same_weights(back.weights, weights)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.int64])
def test_every_dtype_keeps_its_bits(dtype: torch.dtype) -> None:
    weights = {"w": torch.tensor([1.0, -0.0, 3.0]).to(dtype)}
    back = artifact.unpack(artifact.pack(replace(parts_of("Binary"), weights=weights)))
    assert back.weights["w"].dtype == dtype
    assert torch.equal(back.weights["w"], weights["w"])


def test_a_loss_with_parameters_comes_back() -> None:
    task = tasks.Regression.from_targets([1.0, 2.0, 4.0]).with_loss(
        losses.Huber(delta=1 / 3)
    )
    back = artifact.unpack(artifact.pack(replace(parts_of("Binary"), task=task)))
    assert back.task.loss == losses.Huber(delta=1 / 3)


@pytest.mark.parametrize("name", HASHED)
def test_every_missing_or_empty_file_is_named(name: str) -> None:
    files = artifact.pack(parts_of("Binary"))
    with pytest.raises(FolderError, match=name) as caught:
        artifact.unpack({k: v for k, v in files.items() if k != name})
    assert caught.value.exit_code == 6
    if name not in ("README.md", "report.html", "history.jsonl", "config.yaml"):
        for content in (b"", b"[1]", b"\xff\xfe", b"{}"):
            if name not in ("network.json", "metrics.json", "examples.json"):
                with pytest.raises(FolderError, match=name):
                    artifact.unpack({**files, name: content})


def test_a_tampered_folder_is_refused(tmp_path: Path) -> None:
    folder = artifact.save(tmp_path / "model", parts_of("Binary"), {"seconds": 1.0})
    for path in sorted(folder.iterdir()):
        good = path.read_bytes()
        path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        if path.name == "run.json":
            artifact.load(folder)
        else:
            with pytest.raises(FolderError):
                artifact.load(folder)
        path.write_bytes(good)
    assert artifact.load(folder).target == ("価格",)
    assert read_folder(folder).keys() == {
        *artifact.pack(parts_of("Binary")),
        "run.json",
    }


# -- plain values ---------------------------------------------------------------------


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_keep_their_bits_in_json_and_yaml(value: float) -> None:
    (back,) = json.loads(to_json([value]))
    assert np.float64(back).tobytes() == np.float64(value).tobytes()
    from_yaml = yaml.safe_load(to_yaml({"v": value}))["v"]
    assert isinstance(from_yaml, float)
    assert np.float64(from_yaml).tobytes() == np.float64(value).tobytes()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_survives_in_json_and_yaml(text: str) -> None:
    assert json.loads(to_json({"k": text})) == {"k": text}
    assert yaml.safe_load(to_yaml({"k": text})) == {"k": text}


def test_what_is_no_plain_value_is_refused() -> None:
    with pytest.raises(ValueError, match="nan cannot be part of a model"):
        to_json({"mean": math.nan})
    with pytest.raises(TypeError, match="keys must be strings"):
        to_json({1: "a"})
    for value in (object(), b"bytes", torch.zeros(1)):
        with pytest.raises(TypeError, match="cannot stand in a model folder"):
            to_json([value])


def test_measurements_write_what_does_not_exist_as_null() -> None:
    values = {"a": math.nan, "b": [math.inf, np.float32("nan")], "c": np.arange(2)}
    assert plain(values, lossless=False) == {"a": None, "b": [None, None], "c": [0, 1]}
    assert plain([date(2020, 1, 2), np.True_, Path("x")]) == ["2020-01-02", True, "x"]


# -- outputs and run ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (
            tasks.Ordinal(("low", "mid", "high")),
            [{"name": "y", "kind": "category", "labels": ["low", "mid", "high"],
              "ordered": True}],
        ),
        (
            tasks.MultiLabel.from_targets(["a|b", "b"]),
            [{"name": "y", "kind": "labels", "labels": ["a", "b"], "separator": "|"}],
        ),
        (
            tasks.MultiLabel.from_targets({"a": [0, 1], "b": [1, 1]}),
            [{"name": "a", "kind": "boolean"}, {"name": "b", "kind": "boolean"}],
        ),
        (
            tasks.Regression.from_targets({"u": [0.5, 1.0], "v": [1.0, 3.0]}),
            [{"name": "u", "kind": "number"}, {"name": "v", "kind": "number"}],
        ),
        (
            tasks.Binary.from_targets({"is_cat": [0, 1], "is_dog": [1, 0]}),
            [{"name": "is_cat", "kind": "boolean"},
             {"name": "is_dog", "kind": "boolean"}],
        ),
        (
            tasks.Count.from_targets([0, 3]),
            [{"name": "y", "kind": "number", "integer": True, "low": 0}],
        ),
        (
            tasks.Regression.from_targets([0.5, 1.0]),
            [{"name": "y", "kind": "number"}],
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, tasks.Task) else "",
)  # fmt: skip
def test_outputs_say_what_the_target_is(task: tasks.Task, expected: list) -> None:
    assert outputs(task, task.columns or ["y"]) == expected


def test_a_list_column_of_zeros_and_ones_is_one_output() -> None:
    task = tasks.MultiLabel.from_targets({"tags": [[1, 0], [1, 1]]})
    assert outputs(task, ["tags"]) == [
        {"name": "tags", "kind": "indicators", "labels": ["tags0", "tags1"]}
    ]


def test_run_record_says_when_where_and_with_what() -> None:
    record = artifact.run_record(datetime(2024, 5, 1, 12, tzinfo=UTC), 1.23456, rows=9)
    assert record["started"] == "2024-05-01T12:00:00+00:00"
    assert (record["seconds"], record["rows"]) == (1.235, 9)
    assert record["versions"]["torch"] == torch.__version__
    json.loads(to_json(record))


def test_parts_name_every_file_but_run_and_manifest() -> None:
    assert len(fields(artifact.Parts)) == len(artifact.pack(parts_of("Binary")))
