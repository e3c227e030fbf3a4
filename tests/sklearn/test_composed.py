"""Inside scikit-learn's own tools: pipelines, searches, calibration, two processes."""

import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_iris
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch import Tensor, nn

import dovetail as dt

pytestmark = pytest.mark.filterwarnings("ignore::dovetail.errors.DovetailWarning")

SHORT: dict[str, Any] = {"epochs": 3, "folds": 2}
X, Y = load_iris(return_X_y=True)
WORDS = load_iris().target_names[Y]


def frame() -> pd.DataFrame:
    colours = np.array(["red", "green", "蓝"])[Y]
    colours[::5] = "green"
    found = pd.DataFrame(X, columns=["a", "b", "c", "d"]).assign(colour=colours)
    found.loc[found.index[::9], "a"] = np.nan
    return found


@pytest.mark.parametrize("container", ["default", "pandas", "polars"])
def test_at_the_end_of_a_pipeline(container: str) -> None:
    rows = frame()
    pipeline = make_pipeline(
        ColumnTransformer(
            [
                ("n", make_pipeline(SimpleImputer(), StandardScaler()), list("abcd")),
                ("c", OneHotEncoder(sparse_output=False), ["colour"]),
            ]
        ),
        dt.Classifier(**SHORT),
    ).set_output(transform=container)
    pipeline.fit(rows, WORDS)
    assert pipeline.score(rows, WORDS) > 0.5
    named = container != "default"
    assert hasattr(pipeline[-1], "feature_names_in_") is named


def test_words_pass_through_a_column_transformer_as_objects() -> None:
    rows = frame()
    chosen = ColumnTransformer(
        [("n", StandardScaler(), ["b"])], remainder="passthrough"
    )
    pipeline = make_pipeline(chosen, dt.Classifier(**SHORT)).fit(rows, WORDS)
    kinds = [column.kind for column in pipeline[-1].model_.schema.inputs]
    assert kinds == ["number", "number", "number", "number", "category"]
    assert len(pipeline.predict(rows)) == 150


def test_a_grid_and_folds() -> None:
    grid = {"lr": [1e-5, 1e-2], "batch_size": [64]}
    search = GridSearchCV(dt.Classifier(epochs=8, folds=2), grid, cv=2).fit(X, WORDS)
    assert search.best_params_["lr"] == 1e-2
    assert set(search.predict(X)) <= set(WORDS)
    found = cross_validate(dt.Regressor(**SHORT), *load_diabetes(return_X_y=True), cv=2)
    assert len(found["test_score"]) == 2


def test_two_processes_find_what_one_finds() -> None:
    one = cross_val_score(dt.Classifier(**SHORT), X, WORDS, cv=2)
    two = cross_val_score(dt.Classifier(**SHORT), X, WORDS, cv=2, n_jobs=2)
    assert np.array_equal(one, two)


@pytest.mark.parametrize("rows", [slice(None), slice(0, 100)])
def test_calibrated(rows: slice) -> None:
    x, y = X[rows], WORDS[rows]
    found = CalibratedClassifierCV(dt.Classifier(**SHORT), cv=2).fit(x, y)
    probs = found.predict_proba(x)
    assert probs.sum(1) == pytest.approx(np.ones(len(x)))
    assert found.score(x, y) > 0.5


def test_cloned_copied_and_pickled() -> None:
    original = dt.Classifier(**SHORT, class_weight={"setosa": 2}, random_state=3)
    assert clone(original).get_params() == original.get_params()
    original.set_params(class_weight=None).fit(X, WORDS)
    wanted = original.predict_proba(X)
    for other in (copy.deepcopy(original), pickle.loads(pickle.dumps(original))):
        assert np.array_equal(other.predict_proba(X), wanted)
        assert other.model_.document == original.model_.document
    assert np.array_equal(clone(original).fit(X, WORDS).predict_proba(X), wanted)


def test_weights_are_routed() -> None:
    weights = np.arange(150) % 3
    with sklearn.config_context(enable_metadata_routing=True):
        classifier = dt.Classifier(**SHORT).set_fit_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=True)
        pipeline = make_pipeline(scaler, classifier)
        pipeline.fit(X, WORDS, sample_weight=weights)
        found = cross_validate(
            dt.Regressor(**SHORT)
            .set_fit_request(sample_weight=True)
            .set_score_request(sample_weight=True),
            X[:, :3],
            X[:, 3],
            cv=2,
            params={"sample_weight": weights},
        )
    assert pipeline[-1].model_.document["rows"]["weightless"] == 50
    assert len(found["test_score"]) == 2


def test_answers_are_of_the_kind_of_the_target() -> None:
    for target in (
        WORDS,
        WORDS.astype(object),
        Y,
        Y.astype(np.uint8),
        Y.astype(float),
        Y - 1,
        Y == 1,
        pd.Series(WORDS, dtype="category"),
    ):
        found = dt.Classifier(epochs=1, folds=2).fit(X, target)
        answers = found.predict(X)
        wanted = np.asarray(target)
        assert answers.dtype == wanted.dtype
        assert np.array_equal(found.classes_, np.unique(wanted))
        assert set(answers.tolist()) <= set(wanted.tolist())
        best = found.classes_[found.predict_proba(X).argmax(1)]
        assert np.array_equal(best, answers)


def test_classes_in_numpys_order_where_the_task_has_another() -> None:
    words = np.where(Y == 0, "1", "0.5")  # of "1" and another, "1" is the positive one
    names = np.where(Y == 0, "True", "other")
    for y in (words, names):
        found = dt.Classifier(epochs=15, batch_size=32, folds=2).fit(X, y)
        answers = found.predict(X)
        probs, odds = found.predict_proba(X), found.decision_function(X)
        assert np.array_equal(found.classes_, np.unique(y))
        assert np.array_equal(found.classes_[probs.argmax(1)], answers)
        assert np.array_equal(found.classes_[(odds > 0).astype(int)], answers)
        assert found.score(X, y) > 0.9


def test_labels_of_an_indicator_matrix() -> None:
    y = np.column_stack([Y == 0, X[:, 0] > 5.8]).astype(int)
    found = dt.Classifier(epochs=20, folds=2).fit(X, y)
    answers, probs = found.predict(X), found.predict_proba(X)
    assert answers.shape == probs.shape == (150, 2)
    assert answers.dtype == y.dtype
    assert np.array_equal(answers, (probs > 0.5).astype(int))
    assert np.array_equal(answers, (found.decision_function(X) > 0).astype(int))
    assert found.n_outputs_ == 2
    assert found.score(X, y) > 0.6
    each = MultiOutputClassifier(dt.Classifier(**SHORT)).fit(X, y)
    assert each.predict(X).shape == (150, 2)


def test_several_columns_of_numbers() -> None:
    found = dt.Regressor(**SHORT).fit(X[:, :2], X[:, 2:])
    assert found.predict(X[:, :2]).shape == (150, 2)
    assert found.n_outputs_ == 2
    other = TransformedTargetRegressor(
        dt.Regressor(**SHORT), func=np.log, inverse_func=np.exp
    )
    assert other.fit(X[:, :3], 1 + X[:, 3]).predict(X[:, :3]).shape == (150,)


@pytest.mark.parametrize("task", ["count", "ordinal", "Regression"])
def test_numbers_of_another_task(task: str) -> None:
    found = dt.Regressor(task=task, **SHORT).fit(X, Y)
    assert type(found.model_.task) is dt.tasks.by_name(task)
    assert found.predict(X).dtype == np.float64


def test_ranks_as_classes() -> None:
    found = dt.Classifier(task="ordinal", **SHORT).fit(X, Y)
    assert found.predict_proba(X).shape == (150, 3)
    assert set(found.predict(X)) <= {0, 1, 2}


class Net(nn.Module):
    """A user's own module, made anew for the data."""

    def __init__(self, in_features: int, outputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(in_features, 16), nn.ReLU(), nn.Linear(16, outputs)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


def test_a_users_own_module() -> None:
    one = Net(4, 3)
    for model in (one, Net, lambda width, outputs: nn.Linear(width, outputs)):
        found = dt.Classifier(model=model, epochs=10, folds=2).fit(X, WORDS)
        assert found.predict_proba(X).shape == (150, 3)
    before = [weight.clone() for weight in one.parameters()]
    wrapped = dt.Classifier(model=one, epochs=10, folds=2)
    copied = clone(wrapped)
    assert copied.model is not one
    assert np.array_equal(
        wrapped.fit(X, WORDS).predict_proba(X), copied.fit(X, WORDS).predict_proba(X)
    )
    after = list(one.parameters())
    assert all(bool((a == b).all()) for a, b in zip(before, after, strict=True))
    again = pickle.loads(pickle.dumps(wrapped))
    assert np.array_equal(again.predict_proba(X), wrapped.predict_proba(X))


def test_random_states() -> None:
    def probs(state: Any) -> np.ndarray:
        found = dt.Classifier(epochs=2, folds=2, random_state=state)
        return found.fit(X, Y).predict_proba(X)

    assert np.array_equal(probs(7), probs(np.int64(7)))
    first = probs(np.random.RandomState(5))
    assert np.array_equal(first, probs(np.random.RandomState(5)))
    assert not np.array_equal(first, probs(7))
    np.random.seed(11)
    drawn = probs(None), probs(None)
    np.random.seed(11)
    assert np.array_equal(drawn[0], probs(None))
    assert not np.array_equal(*drawn)


def test_what_cannot_be_meant_is_refused() -> None:
    for estimator, x, y, words in (
        (dt.Classifier(), X, X[:, 0], "Unknown label type: continuous"),
        (dt.Classifier(), X, np.column_stack([Y, Y]), "several classes each"),
        (dt.Classifier(), X, Y[:9], "inconsistent numbers of samples"),
        (dt.Classifier(), X, None, "requires y to be passed"),
        (dt.Classifier(), X[:2], Y[:2], "minimum of 3 is required"),
        (dt.Classifier(), frame()[:2], Y[:2], "minimum of 3 is required"),
        (dt.Classifier(), X, np.zeros(150), "one class, 0.0"),
        (dt.Classifier(), X, np.array(["1", "1.0"] * 75), "one and the same"),
        (dt.Classifier(task="regression"), X, Y, "which does not classify"),
        (dt.Regressor(task="binary"), X, Y > 0, "does not predict numbers"),
        (dt.Regressor(), X, WORDS, "'setosa' is text, a number"),
        (dt.Classifier(optimizer="sdg"), X, Y, "sgd"),
        (dt.Classifier(epochs=0), X, Y, "epochs is 0"),
        (dt.Classifier(model="tree"), X, Y, "Unknown model"),
        (dt.Classifier(kinds={"e": "number"}), frame(), Y, "kind"),
        (dt.Classifier(), np.where(X > 7, np.inf, X), Y, "contains infinity"),
        (dt.Classifier(), frame().replace(5.0, np.inf), Y, "is not finite"),
    ):
        with pytest.raises(ValueError, match=words):
            estimator.fit(x, y)
    fitted = dt.Classifier(**SHORT).fit(X, Y)
    with pytest.raises(ValueError, match="is expecting 4 features"):
        fitted.predict(X[:, :3])
