"""Options, row numbers, weights and folders: what users get wrong at the border."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import dovetail as dt
from dovetail import errors
from tests.estimator.conftest import QUICK, signal, targets

# Most models here are trained for a moment only.
pytestmark = pytest.mark.filterwarnings("ignore:The model is no better")


@pytest.fixture
def frame() -> pd.DataFrame:
    features = signal()
    return pd.concat([features, targets(features)["Binary"]], axis=1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": "many"}, "epochs is 'many'"),
        ({"epochs": 2.5}, "epochs is 2.5"),
        ({"lr": "fast"}, "lr is 'fast'"),
        ({"kinds": ["a"]}, "kinds is"),
        ({"weight": 3}, "weight is a int"),
        ({"model": 5}, "is a int"),
        ({"model": "mlp"}, "Unknown model"),
        ({"optimizer": "sgd(lr=0.3)", "lr": 0.1}, "lr=0.3"),
        ({"weight": "*"}, "means 5 columns"),
    ],
)
def test_options_of_the_wrong_kind_are_refused_by_name(frame, options, words) -> None:
    with pytest.raises(errors.ConfigError, match=words):
        dt.plan(frame, "y", **options)


def test_one_name_and_a_torch_device_are_taken(frame: pd.DataFrame) -> None:
    planned = dt.plan(frame, "y", drop="a", device=torch.device("cpu"))
    assert "a" not in planned.schema.columns
    assert planned.config.device == "cpu"


def test_rows_are_counted_as_in_the_file(frame: pd.DataFrame, tmp_path: Path) -> None:
    frame.loc[:4, "y"] = None
    frame.loc[10, "a"] = np.inf
    with pytest.raises(errors.DataError, match="data row 11"):
        dt.plan(frame, "y")
    test = frame[["a", "b", "colour", "when", "y"]].copy()
    test.loc[10, "a"] = 0.0
    test.loc[20, "y"] = "never"
    path = tmp_path / "test.csv"
    test.to_csv(path, index=False)
    good = frame.assign(a=0.5)
    with pytest.raises(errors.TargetError, match=r"test.csv: .*data row 21"):
        dt.plan(good, "y", test=path)
    model = dt.fit(good, "y", **QUICK)
    with pytest.raises(errors.TargetError, match=r"test.csv: .*data row 21"):
        model.evaluate(path)


def test_evaluate_counts_rows_by_the_weights_of_training(frame: pd.DataFrame) -> None:
    weights = np.where(frame.y == "yes", 100.0, 1.0)
    frame = frame.assign(weight=weights)
    test = frame[::2]
    model = dt.fit(frame[1::2], "y", weight="we*", test=test, **QUICK)
    assert "weight" not in model.schema.columns
    assert model.config.weight == "weight"
    measured = model.evaluate(test)["metrics"]["log_loss"]["value"]
    assert measured == pytest.approx(model.document["score"], rel=1e-12)
    heard: list[str] = []
    model.evaluate(test.drop(columns="weight"), tell=heard.append)
    assert any("weight" in note for note in heard)


def test_time_may_be_text_in_a_frame(frame: pd.DataFrame) -> None:
    planned = dt.plan(frame.assign(day=frame.when.astype(str)), "y", time="day")
    assert planned.config.time == "day"


def test_the_chain_tells_of_the_trained_task_whatever_was_said(frame) -> None:
    plain = dt.fit(frame, "y", **QUICK)
    said = dt.fit(frame, "y", task="binary", loss="BCELoss", **QUICK)
    for heading in ("Balance", "Start"):
        assert dict(plain.chain)[heading] == dict(said.chain)[heading]


def test_another_module_than_the_one_trained_is_refused(frame, tmp_path) -> None:
    X, y = frame[["a", "b"]].to_numpy(), frame.y.to_numpy()
    dt.fit(X, y, model=nn.Linear(2, 1), out=tmp_path / "own", **QUICK)
    with pytest.raises(errors.ConfigError, match="not of this module"):
        dt.load(tmp_path / "own", model=nn.Linear(3, 1))
    without = dt.load(tmp_path / "own")
    assert "Binary" in without.explain() or without.explain()
    assert without.report().startswith("<!")
    with pytest.raises(errors.ConfigError, match="holds no code"):
        without.predict(X)


class Raises(nn.Module):
    """Fails with an error of its own."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise KeyError("mine")


class HiddenSigmoid(nn.Module):
    """Applies sigmoid as a function."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(2, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.linear(x))


class HiddenSoftmax(nn.Module):
    """Applies softmax as a function, where no layer shows it."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x).softmax(1)


def test_modules_that_fail_or_hide_a_softmax_are_refused(frame: pd.DataFrame) -> None:
    X = frame[["a", "b"]].to_numpy()
    with pytest.raises(errors.ConfigError, match="KeyError: 'mine'"):
        dt.fit(X, frame.y.to_numpy(), model=Raises(), **QUICK)
    with pytest.raises(errors.ConfigError, match="end in softmax"):
        dt.fit(X, frame.colour.to_numpy(), model=HiddenSoftmax(), **QUICK)


@pytest.mark.parametrize("outputs", [1, 2])
def test_a_sigmoid_in_forward_is_refused(frame: pd.DataFrame, outputs: int) -> None:
    X = frame[["a", "b"]].to_numpy()
    y = frame.y.to_numpy() if outputs == 1 else (X > 0).astype(int)
    with pytest.raises(errors.ConfigError, match="end in sigmoid"):
        dt.fit(X, y, model=HiddenSigmoid(outputs), **QUICK)


def test_a_log_softmax_before_softmax_cross_entropy_is_harmless(frame) -> None:
    X = frame[["a", "b"]].to_numpy()
    module = nn.Sequential(nn.Linear(2, 3), nn.LogSoftmax(1))
    dt.fit(X, frame.colour.to_numpy(), model=module, **QUICK)


def test_evaluate_takes_targets_that_came_apart(frame: pd.DataFrame) -> None:
    X, y = frame[["a", "b"]].to_numpy(), frame.y.to_numpy()
    model = dt.fit(X[:160], y[:160], test=(X[160:], y[160:]), epochs=3, folds=2)
    measured = model.evaluate(X[160:], y[160:])["metrics"]["log_loss"]["value"]
    assert measured == pytest.approx(model.document["score"], rel=1e-12)


def test_a_task_may_be_a_class_or_a_call(frame: pd.DataFrame) -> None:
    planned = dt.plan(frame, "y", task="binary(head='softmax')")
    assert planned.task.head_size == 2
    assert dt.plan(frame, "y", task=dt.tasks.Binary).task.head_size == 1
    with pytest.raises(errors.ConfigError, match="outputs"):
        dt.plan(frame, "y", task="binary(outputs=2)")


def test_leaks_warn_from_python_too(frame: pd.DataFrame) -> None:
    frame["answer"] = frame.y.map({"yes": "ja", "no": "nein"})
    with pytest.warns(errors.DovetailWarning, match="answer"):
        dt.fit(frame, "y", epochs=1, folds=2)


def test_a_model_no_better_than_its_baseline_says_so(frame: pd.DataFrame) -> None:
    wrong = nn.Linear(2, 1)
    nn.init.constant_(wrong.weight, -50.0)  # "yes" goes with large values of a
    X, y = frame[["a", "b"]].to_numpy(), frame.y.to_numpy()
    with pytest.warns(errors.DovetailWarning, match="no better than the baseline"):
        model = dt.fit(X, y, model=wrong, lr=1e-6, epochs=1, folds=2)
    assert any("baseline" in warning for warning in model.document["warnings"])


def test_columns_set_aside_are_said(frame: pd.DataFrame) -> None:
    frame.insert(0, "id", range(1000, 1000 + len(frame)))
    assert any("id" in note for note in dt.plan(frame, "y").notes)


def test_headerless_files_are_named_as_in_training(frame, tmp_path: Path) -> None:
    for name, columns in (("all", ["a", "b", "y"]), ("inputs", ["a", "b"])):
        frame[columns].to_csv(tmp_path / f"{name}.csv", index=False, header=False)
    model = dt.fit(tmp_path / "all.csv", "y", columns=["a", "b", "y"], **QUICK)
    raw = model.raw(frame)
    assert model.raw(tmp_path / "all.csv").equal(raw)
    assert model.raw(tmp_path / "inputs.csv").equal(raw)
    frame.to_csv(tmp_path / "headed.csv", index=False)
    assert model.raw(tmp_path / "headed.csv").equal(raw)
    frame[["a"]].to_csv(tmp_path / "one.csv", index=False, header=False)
    with pytest.raises(errors.DataError, match=r"\b1\b"):
        model.raw(tmp_path / "one.csv")


def test_a_hook_on_a_gradient_of_an_own_module_is_kept():
    """torch's copy of a parameter has none of its hooks."""
    module = nn.Linear(2, 1)
    before = module.weight.detach().clone()
    rng = np.random.default_rng(0)
    data = {"a": rng.normal(size=80), "b": rng.normal(size=80)}
    data["y"] = data["a"] - data["b"] + 0.1 * rng.normal(size=80)
    options = {"task": "regression", "epochs": 3, "folds": 2, "optimizer": "sgd"}
    bare = dt.fit(data, "y", model=module, **options).network.module.weight
    assert not torch.allclose(bare, before, rtol=0, atol=1e-2)
    module.weight.register_hook(torch.zeros_like)  # now only decay moves the weights
    held = dt.fit(data, "y", model=module, **options).network.module.weight
    torch.testing.assert_close(held.data, before, rtol=0, atol=1e-3)
    module.weight.register_post_accumulate_grad_hook(print)
    with pytest.raises(errors.ConfigError, match="weight has a hook"):
        dt.fit(data, "y", model=module, **options)
