"""A function of the user's own: named in a file, given again to compute."""

import json

import numpy as np
import pytest
import torch

import dovetail as dt
from dovetail import losses
from dovetail.errors import ConfigError
from dovetail.losses import Custom


def cubed(raw, target):
    return (raw - target).abs().pow(3).mean(1)


NAME = f"{__name__}.cubed"


def read_again(loss):
    return losses.from_json(json.loads(json.dumps(loss.to_json())))


def test_a_file_holds_the_name():
    read = read_again(Custom(function=cubed))
    assert isinstance(read, Custom)
    assert read.name == NAME
    assert read == read_again(read)
    assert hash(read) == hash(read_again(read))
    assert read != Custom(function=cubed)
    assert read != losses.from_json({"name": "Custom", "function": "else.where"})
    assert not read.proper


def away(raw, target):
    return (raw - target).abs().sum(1)


@pytest.mark.parametrize("seed", range(8))
def test_the_best_constant_of_a_loss_with_corners_is_found(seed):
    """L-BFGS assumes a smooth function: it may leave the numbers, or go uphill."""
    target = torch.from_numpy(np.random.default_rng(seed).normal(size=(40, 2)))
    median = target.quantile(0.5, dim=0)
    at_best = away(median.expand(40, 2), target).mean()
    found = Custom(function=away).best_constant(target, 2)
    assert away(found.expand(40, 2), target).mean() <= 1.001 * at_best


def test_what_was_only_named_cannot_be_computed():
    read = read_again(Custom(function=cubed))
    raw = torch.zeros(2, 1)
    for compute in (read, read.rows):
        with pytest.raises(ConfigError, match="not part of the model folder") as caught:
            compute(raw, raw)
        assert NAME in caught.value.message
        assert "task.with_loss(function)" in caught.value.fix
    with pytest.raises(ConfigError, match="not part of the model folder"):
        read.best_constant(raw, 1)


def test_words_name_the_function_and_not_its_address():
    for loss in (Custom(function=cubed), read_again(Custom(function=cubed))):
        assert repr(loss) == f"Custom(function={NAME})"
        assert loss.formula == f"{NAME} of raw outputs and target"


def test_a_saved_model_predicts_without_the_function(tmp_path):
    x = np.random.default_rng(0).normal(size=(80, 2))
    data, folder = {"a": x[:, 0], "b": x[:, 1]}, tmp_path / "model"
    table = {**data, "y": 3 * x[:, 0] + x[:, 1]}
    model = dt.fit(
        table, "y", task="regression", loss=cubed, out=folder, epochs=2, folds=2
    )
    assert model.task.loss == Custom(function=cubed)
    loaded = dt.load(folder)
    np.testing.assert_array_equal(loaded.predict(data), model.predict(data))
    assert loaded.evaluate(table)["metrics"] == model.evaluate(table)["metrics"]
    assert NAME in loaded.explain()
    assert " at 0x" not in (folder / "report.html").read_text(encoding="utf-8")
    # Saved again it is the same task; given the function, it has its loss back.
    loaded.save(tmp_path / "again")
    assert dt.load(tmp_path / "again").task == loaded.task
    assert loaded.task.with_loss(cubed).loss == model.task.loss
    with pytest.raises(ConfigError, match="not part of the model folder"):
        loaded.task.loss(torch.zeros(1, 1), torch.zeros(1, 1))
