"""Which fits are the same fit: hashes of columns, differences in words."""

from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import dovetail as dt
from dovetail.estimator import fingerprint
from dovetail.estimator.command import command_of, differences, other_versions

CELLS = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(allow_nan=False),
    pa.string(): st.text(st.characters(codec="utf-8"), max_size=4),
    pa.bool_(): st.booleans(),
    pa.timestamp("us"): st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)),
    pa.list_(pa.string()): st.lists(st.sampled_from(["a", "b", ""]), max_size=3),
}


@st.composite
def columns(draw: st.DrawFn) -> tuple[pa.DataType, list[Any]]:
    kind = draw(st.sampled_from(list(CELLS)))
    return kind, draw(st.lists(st.none() | CELLS[kind], max_size=12))


def chunked(kind: pa.DataType, cells: list[Any], cuts: set[int]) -> pa.ChunkedArray:
    bounds = [0, *sorted(cut for cut in cuts if cut < len(cells)), len(cells)]
    whole = pa.array([None, *cells], kind)  # each chunk begins inside its buffers
    parts = [whole.slice(1 + first, end - first) for first, end in pairwise(bounds)]
    return pa.chunked_array(parts, kind)


@given(columns(), st.sets(st.integers(0, 11)))
def test_chunks_do_not_matter(column: Any, cuts: set[int]) -> None:
    kind, cells = column
    plain = pa.chunked_array([pa.array(cells, kind)])
    assert fingerprint.of_column(chunked(kind, cells, cuts)) == fingerprint.of_column(
        plain
    )


@given(columns(), st.data())
def test_every_cell_matters(column: Any, data: st.DataObject) -> None:
    kind, cells = column
    changed = list(cells)
    place = data.draw(st.integers(0, len(cells)))
    new = data.draw(st.none() | CELLS[kind])
    changed[place : place + 1] = [new]
    one, two = (pa.chunked_array([pa.array(c, kind)]) for c in (cells, changed))
    same = [repr(cell) for cell in cells] == [repr(cell) for cell in changed]
    assert (fingerprint.of_column(one) == fingerprint.of_column(two)) is same


def test_what_stands_below_a_missing_cell_does_not_matter() -> None:
    validity = pa.py_buffer(b"\x05")
    hashes = {
        fingerprint.of_column(
            pa.chunked_array(
                [
                    pa.Array.from_buffers(
                        pa.int64(), 3, [validity, pa.py_buffer(np.array(cells))]
                    )
                ]
            )
        )
        for cells in ([1, 7, 3], [1, 8, 3])
    }
    assert len(hashes) == 1


def test_types_differ() -> None:
    columns = [
        pa.chunked_array([pa.array([0, 1], kind)])
        for kind in (pa.int64(), pa.float64())
    ]
    assert len({fingerprint.of_column(column) for column in columns}) == 2


def test_every_weight_of_a_module_matters() -> None:
    module = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.LazyLinear(1))
    hashes = {fingerprint.of_module(module)}
    module[1].num_batches_tracked += 1
    hashes.add(fingerprint.of_module(module))
    with torch.no_grad():
        module[0].bias[2] = -0.0
    hashes.add(fingerprint.of_module(module))
    assert len(hashes) == 3


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    numbers = pd.DataFrame({"a": rng.normal(size=60), "b": rng.normal(size=60)})
    return numbers.assign(y=np.where(numbers.a > 0, "yes", "no"), id=np.arange(60))


def told(frame: pd.DataFrame, other: pd.DataFrame | None = None, **options: Any) -> Any:
    """The differences between a plain fit and one with these options."""
    before = command_of(dt.plan(frame, "y"))
    other = frame if other is None else other
    return differences(before, command_of(dt.plan(other, "y", **options)))


def test_equal_commands_do_not_differ(frame: pd.DataFrame) -> None:
    assert told(frame, frame.copy()) == []
    for free in ({"time_limit": 5}, {"resume": True}, {"checkpoint_every": 3}):
        assert told(frame, **free) == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"lr": 0.5}, "lr: 0.002 before, 0.5 now"),
        ({"epochs": 7}, "epochs: 100 before, 7 now"),
        ({"optimizer": "adamw(weight_decay=0)"}, "weight_decay: 0.01 before, 0.0 now"),
        ({"optimizer": "lion"}, "optimizer: AdamW before, Lion now"),
        ({"precision": "bfloat16"}, "precision: auto before, bfloat16 now"),
        ({"compiled": False}, "compiled: none before, 0 now"),
        ({"threads": 1}, "threads: none before, 1 now"),
        ({"drop": "b"}, "drop: none before, b now"),
        ({"kinds": {"b": "category"}}, "kinds, b: none before, category now"),
        ({"positive": "no"}, "positive: none before, no now"),
        (
            {"task": "binary(head='softmax')"},
            "loss: BinaryCrossEntropy before, SoftmaxCrossEntropy now",
        ),
        ({"model": nn.Linear}, "model: tabular before, own now"),
        ({"seed": 3}, "seed: 0 before, 3 now"),
        ({"members": 3}, "members: 1 before, 3 now"),
        ({"patience": 3}, "patience: 20 before, 3 now"),
        ({"clip": 2.5}, "clip: none before, 2.5 now"),
        ({"average": False}, "average: yes before, no now"),
    ],
)
def test_a_changed_option_is_named(
    options: dict[str, Any], sentence: str, frame: pd.DataFrame
) -> None:
    assert sentence in told(frame, **options)


def test_the_decision_of_a_task_is_an_option_too(frame: pd.DataFrame) -> None:
    task = dt.plan(frame, "y").task
    [sentence] = told(
        frame, task=task.with_decision(dt.decisions.Threshold(threshold=0.9))
    )
    assert "threshold" in sentence
    assert "0.9 now" in sentence


def test_data_that_changed_is_named(frame: pd.DataFrame) -> None:
    assert "the data: 60 rows before, 59 now" in told(frame, frame[1:])
    assert told(frame, frame.assign(b=frame.b + 1)) == [
        "the data: other values now in b"
    ]
    order = frame[["b", "a", "y", "id"]]
    assert told(frame, order) == ["the data: the columns stand in another order now"]
    assert "test: not given before, given now" in told(frame, test=frame)
    assert told(frame, frame.assign(id=frame.id + 9)) == []  # set aside: not used


def test_own_weights_that_changed_are_named(frame: pd.DataFrame) -> None:
    module = nn.Sequential(nn.Linear(2, 1))
    options = {"model": module, "drop": "id"}
    before = command_of(dt.plan(frame, "y", **options))
    assert differences(before, command_of(dt.plan(frame, "y", **options))) == []
    with torch.no_grad():
        module[0].weight += 1
    after = command_of(dt.plan(frame, "y", **options))
    assert differences(before, after) == ["your module: other weights now"]
    options["model"] = nn.Sequential(nn.Dropout(0.1), nn.Linear(2, 1))
    after = command_of(dt.plan(frame, "y", **options))
    assert differences(before, after) == ["your module: other layers now"]


def frozen(inputs: int, outputs: int) -> nn.Module:
    layer = nn.Linear(inputs, outputs)
    layer.bias.requires_grad_(requires_grad=inputs == 0)
    return layer


def test_weights_that_are_frozen_now_are_named(frame: pd.DataFrame) -> None:
    module = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    options = {"model": module, "drop": "id"}
    before = command_of(dt.plan(frame, "y", **options))
    module[0].requires_grad_(requires_grad=False)
    after = command_of(dt.plan(frame, "y", **options))
    assert differences(before, after) == ["your module: other weights are frozen now"]
    made = [
        command_of(dt.plan(frame, "y", drop="id", model=model))
        for model in (nn.Linear, frozen)
    ]
    assert differences(*made) == ["your module: other weights are frozen now"]


def test_versions_are_no_difference_of_the_command(frame: pd.DataFrame) -> None:
    before = command_of(dt.plan(frame, "y"))
    after = {**before, "versions": {**before["versions"], "torch": "9.0"}}
    assert differences(before, after) == []
    [told] = other_versions(before, after)
    assert told == f"torch: {before['versions']['torch']} before, 9.0 now"
