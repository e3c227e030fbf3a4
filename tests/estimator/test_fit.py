"""What a fit takes, refuses and never does."""

from pathlib import Path
from typing import Any

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


def test_nothing_is_learnt_on_rows_that_do_not_train() -> None:
    features = signal(2_400)
    frame = features.assign(y=targets(features)["Regression"].y)
    planned = dt.plan(frame, "y")
    (fold,) = planned.row_plan.folds
    spoilt = frame.copy()
    others = np.concatenate([fold.tune, fold.score])
    spoilt.loc[others, ["a", "b"]] *= 1e3
    spoilt.loc[others, "y"] += 1e6
    schema = planned.schema
    spoilt_schema = type(schema).fit(
        dt.plan(spoilt, "y").given.main.table, target=["y"], rows=fold.train
    )

    def learnt(schema: Any) -> list[dict[str, Any]]:
        entries = schema.to_json()["inputs"]  # the reason tells of the whole column
        return [{k: v for k, v in e.items() if k != "reason"} for e in entries]

    assert learnt(spoilt_schema) == learnt(schema)


def test_matrix_and_vector(frame: pd.DataFrame) -> None:
    X, y = frame[["a", "b"]].to_numpy(), frame.y.to_numpy()
    model = dt.fit(X, y, **QUICK)
    assert model.schema.columns == ("x0", "x1")
    assert set(model.predict(X)) <= {"yes", "no"}
    tensors = dt.fit(torch.tensor(X), (y == "yes").astype(int), **QUICK)
    assert tensors.predict(torch.tensor(X)).dtype.kind == "i"


def test_separate_files_tune_and_score(frame: pd.DataFrame, tmp_path: Path) -> None:
    parts = {"train": frame[:140], "valid": frame[140:180], "test": frame[180:]}
    paths = {name: tmp_path / f"{name}.csv" for name in parts}
    for name, part in parts.items():
        part.to_csv(paths[name], index=False)
    model = dt.fit(
        paths["train"], "y", valid=paths["valid"], test=paths["test"], epochs=3
    )
    rows = model.document["rows"]
    assert (rows["train"], rows["tune"], rows["score"]) == (140, 40, 60)
    measured = model.evaluate(paths["test"])["metrics"]["log_loss"]["value"]
    assert model.document["score"] == measured


def test_rows_without_a_target_are_set_aside_and_counted(frame: pd.DataFrame) -> None:
    frame.loc[:9, "y"] = None
    model = dt.fit(frame, "y", **QUICK)
    assert model.document["rows"]["missing_target"] == 10
    assert any("10 rows without a target" in note for note in model.document["notes"])


def test_a_leak_is_warned_of(frame: pd.DataFrame) -> None:
    frame["answer"] = frame.y.map({"yes": "ja", "no": "nein"})
    planned = dt.plan(frame, "y")
    assert any("answer" in warning for warning in planned.warnings)


def test_identifiers_are_set_aside_and_said(frame: pd.DataFrame) -> None:
    frame.insert(0, "id", range(1000, 1000 + len(frame)))
    planned = dt.plan(frame, "y")
    assert "id" not in planned.schema.columns
    assert "id" in dict(planned.schema.set_aside)


@pytest.mark.parametrize(
    ("loss", "kind"),
    [
        ("MSELoss", "Squared"),
        ("mae", "Absolute"),
        ("huber(delta=2)", "Huber"),
        (nn.SmoothL1Loss(beta=0.5), "SmoothL1"),
    ],
)
def test_losses_by_the_names_people_know(loss: object, kind: str) -> None:
    features = signal()
    frame = features.assign(y=targets(features)["Regression"].y)
    model = dt.fit(frame, "y", loss=loss, **QUICK)
    assert model.config.loss["name"] == kind


def test_a_loss_that_does_not_fit_is_refused_with_those_that_do(frame) -> None:
    with pytest.raises(errors.ConfigError, match="BinaryCrossEntropy"):
        dt.fit(frame, "y", loss="MSELoss")


def test_own_loss_and_own_optimizer(frame: pd.DataFrame) -> None:
    def squared(raw: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return ((raw.sigmoid() - target) ** 2).sum(1)

    model = dt.fit(
        frame, "y", loss=squared, folds=2, epochs=20,
        optimizer=lambda parameters: torch.optim.Adagrad(parameters, lr=0.02),
    )  # fmt: skip
    assert model.document["metrics"]["accuracy"]["value"] > 0.7


def test_own_module_trains_and_leaves_the_one_given_alone(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    module = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
    before = module[0].weight.detach().clone()
    X, y = frame[["a", "b"]].to_numpy(), frame.y.to_numpy()
    model = dt.fit(X, y, model=module, optimizer="adam", lr=0.02, epochs=20)
    assert torch.equal(module[0].weight, before)
    assert model.document["metrics"]["accuracy"]["value"] > 0.8
    model.save(tmp_path / "own")
    with pytest.raises(errors.ConfigError, match="holds no code"):
        dt.load(tmp_path / "own").raw(X)
    again = dt.load(tmp_path / "own", model=module)
    assert again.raw(X).equal(model.raw(X))


def test_own_module_from_a_function_of_its_sizes(frame: pd.DataFrame) -> None:
    sizes = []

    def make(inputs: int, outputs: int) -> nn.Module:
        sizes.append((inputs, outputs))
        return nn.Linear(inputs, outputs)

    dt.fit(frame, "y", model=make, **QUICK)
    assert sizes[0][1] == 1
    assert sizes[0][0] > 4  # numbers, dates and one-hot colours


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (nn.Sequential(nn.Linear(2, 1), nn.Sigmoid()), "ends in Sigmoid"),
        (nn.Sequential(nn.Linear(2, 2), nn.Softmax(1)), "ends in Softmax"),
        (nn.Linear(2, 3), r"gives shape \(16, 3\)"),
        (nn.Sequential(nn.Linear(2, 1), nn.Flatten(0)), r"gives shape \(16,\)"),
        (nn.Linear(5, 1), "float matrix of 2 columns"),
        ("resnet", "Unknown model"),
        (3, "is a int"),
    ],
)
def test_modules_that_do_not_fit_are_refused(
    frame: pd.DataFrame, module: object, words: str
) -> None:
    X, y = frame[["a", "b"]].to_numpy(), frame.y.to_numpy()
    with pytest.raises(errors.ConfigError, match=words):
        dt.fit(X, y, model=module, **QUICK)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"target": "Y"}, errors.SchemaError, "Did you mean 'y'"),
        ({"target": None}, errors.UsageError, "No target"),
        ({"loos": "x"}, errors.ConfigError, "Did you mean 'loss'"),
        ({"epochs": 0}, errors.ConfigError, "epochs is 0"),
        ({"folds": 1}, errors.ConfigError, "folds is 1"),
        ({"on_bad": "ignore"}, errors.ConfigError, "on_bad"),
        ({"device": "cuda:99"}, errors.ConfigError, "cuda:99"),
        ({"device": "gpu"}, errors.ConfigError, "'gpu'"),
        ({"positive": "maybe"}, errors.TargetError, "maybe"),
        ({"task": "binnary"}, errors.ConfigError, "Did you mean 'Binary'"),
        ({"task": "regression"}, errors.TargetError, "a number was needed"),
        ({"task": "ordinal", "positive": "yes"}, errors.ConfigError, "Ordinal"),
        ({"optimizer": "addam"}, errors.ConfigError, "Did you mean 'adam'"),
        ({"drop": ["aa"]}, errors.SchemaError, "aa"),
        ({"weight": "colour"}, errors.DataError, "colour"),
        ({"time": "colour"}, errors.DataError, "colour"),
    ],
)
def test_choices_that_cannot_be_carried_out(frame, options, error, words) -> None:
    options = {"target": "y", **options}
    with pytest.raises(error, match=words):
        dt.plan(frame, options.pop("target"), **options)


def test_an_existing_folder_is_refused_before_training(frame, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("mine")
    with pytest.raises(errors.UsageError):
        dt.fit(frame, "y", out=tmp_path / "there", progress=pytest.fail)
    with pytest.raises(errors.UsageError):
        dt.fit(frame, "y", out=tmp_path / "there", force=True, progress=pytest.fail)
    assert (tmp_path / "there" / "file").read_text() == "mine"


def test_an_unseen_label_in_the_test_file_is_refused_before_training(frame) -> None:
    test = frame[:5].assign(y="never")
    with pytest.raises(errors.TargetError, match="never"):
        dt.fit(frame, "y", test=test, progress=pytest.fail)


def test_prediction_without_a_column_names_it(frame: pd.DataFrame) -> None:
    model = dt.fit(frame, "y", **QUICK)
    with pytest.raises(errors.SchemaError, match="'a'"):
        model.predict(frame.drop(columns="a"))
    with pytest.raises(errors.SchemaError, match="'y'"):
        model.evaluate(frame.drop(columns="y"))


def test_groups_stay_together_and_time_goes_forward() -> None:
    features = signal(2_400)
    frame = features.assign(y=targets(features)["Binary"].y, who=np.arange(2_400) // 7)
    (fold,) = dt.plan(frame, "y", group="who").row_plan.folds
    parts = [set(frame.who[rows]) for rows in (fold.train, fold.tune, fold.score)]
    assert sum(map(len, parts)) == len(set.union(*parts))
    (fold,) = dt.plan(frame, "y", time="when").row_plan.folds
    when = frame.when
    assert when[fold.train].max() <= when[fold.tune].min()
    assert when[fold.tune].max() <= when[fold.score].min()


def test_multilabel_text_lists_and_unknown_cells(tmp_path: Path) -> None:
    features = signal()
    hot = targets(features)["MultiLabel"]
    text = hot.apply(lambda r: "|".join(c for c in hot if r[c]), axis=1)
    model = dt.fit(features.assign(tags=text), "tags", **QUICK)
    assert set(model.predict(features)) <= {"", "l1", "l2", "l1|l2"}
    lists = [[c for c in hot if row[c]] for _, row in hot.iterrows()]
    model = dt.fit(features.assign(tags=lists), "tags", **QUICK)
    assert model.predict(features)[0] in ([], ["l1"], ["l2"], ["l1", "l2"])
    unknown = hot.astype("float").mask(np.random.default_rng(0).random(hot.shape) < 0.3)
    model = dt.fit(pd.concat([features, unknown], axis=1), ["l*"], **QUICK)
    both_unknown = int(unknown.isna().all(axis=1).sum())
    assert model.document["rows"]["missing_target"] == both_unknown
    assert model.document["metrics"]["micro_f1"]["value"] > 0.5
