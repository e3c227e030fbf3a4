"""dovetail and its peers, each as a function that learns and predicts.

Every one gets the same frames. Peers are used as their documentation says, with their
defaults; what is set, is set here for everyone to see. A method predicts probabilities
(n, C) in the order of the sorted classes, or numbers (n,). Modules are imported when a
method is made, so before the clock runs.
"""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from benchmarks.tabular.judged import Judged

Fitted = Callable[[pd.DataFrame], np.ndarray]
Method = Callable[[Judged, int], Fitted]

THREADS = 2
TARGET = "__target"


def with_target(frame: pd.DataFrame, y: np.ndarray) -> pd.DataFrame:
    return frame.assign(**{TARGET: y})


def coded(table: Judged) -> np.ndarray:
    """Class numbers 0 ... C - 1, or the numbers to predict."""
    if table.classes is None:
        return table.y_train
    return np.searchsorted(table.classes, table.y_train)


def answers(model: object, table: Judged) -> Fitted:
    """Probabilities of all classes, also of those without a training row."""
    if table.classes is None:
        return lambda frame: np.asarray(model.predict(frame)).ravel()
    seen = np.unique(coded(table))  # no method knows another class

    def probabilities(frame: pd.DataFrame) -> np.ndarray:
        found = np.zeros((len(frame), len(table.classes)))
        found[:, seen] = model.predict_proba(frame)
        return found

    return probabilities


def as_categories(table: Judged) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Words as pandas categories, those of the training rows."""
    known = {
        n: pd.CategoricalDtype(table.train[n].dropna().unique()) for n in table.words
    }
    return lambda frame: frame.astype(known)


def on_categories(model: object, table: Judged, **options: object) -> Fitted:
    """Learn from words as categories."""
    change = as_categories(table)
    model.fit(change(table.train), coded(table), **options)
    found = answers(model, table)
    return lambda frame: found(change(frame))


def dovetail(preset: str) -> Method:
    import torch.optim  # noqa: F401

    from dovetail import fit

    def learn(table: Judged, seed: int) -> Fitted:
        # The rows to judge on are given as the file for the score: nothing is chosen
        # on them, and all others may be learnt from, as with the peers. A label that
        # no training row has is refused there.
        seen = np.isin(table.y_test, np.unique(table.y_train)) | (table.classes is None)
        model = fit(
            with_target(table.train, table.y_train),
            target=TARGET,
            test=with_target(table.test[seen], table.y_test[seen]),
            preset=preset,
            seed=seed,
            task=table.task,
        )
        return answers(model, table)

    return learn


def lightgbm() -> Method:
    from lightgbm import LGBMClassifier, LGBMRegressor

    def learn(table: Judged, seed: int) -> Fitted:
        kind = LGBMRegressor if table.classes is None else LGBMClassifier
        model = kind(random_state=seed, n_jobs=THREADS, verbose=-1)
        return on_categories(model, table)

    return learn


def xgboost() -> Method:
    from xgboost import XGBClassifier, XGBRegressor

    def learn(table: Judged, seed: int) -> Fitted:
        kind = XGBRegressor if table.classes is None else XGBClassifier
        model = kind(random_state=seed, n_jobs=THREADS, enable_categorical=True)
        if table.classes is None:
            return on_categories(model, table)
        # It wants class numbers without gaps; a rare class may have no training row.
        change = as_categories(table)
        model.fit(change(table.train), np.unique(coded(table), return_inverse=True)[1])
        found = answers(model, table)
        return lambda frame: found(change(frame))

    return learn


def catboost() -> Method:
    from catboost import CatBoostClassifier, CatBoostRegressor

    def learn(table: Judged, seed: int) -> Fitted:
        kind = CatBoostRegressor if table.classes is None else CatBoostClassifier
        model = kind(
            random_seed=seed, thread_count=THREADS, verbose=False,
            allow_writing_files=False, cat_features=table.words,
        )  # fmt: skip

        def change(frame: pd.DataFrame) -> pd.DataFrame:
            words = {n: frame[n].astype(object).fillna("missing") for n in table.words}
            return frame.assign(**words)

        model.fit(change(table.train), coded(table))
        found = answers(model, table)
        return lambda frame: found(change(frame))

    return learn


def hist_gradient_boosting() -> Method:
    from sklearn.ensemble import (
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
    )

    def learn(table: Judged, seed: int) -> Fitted:
        kind = (
            HistGradientBoostingRegressor
            if table.classes is None
            else HistGradientBoostingClassifier
        )
        return on_categories(
            kind(random_state=seed, categorical_features="from_dtype"), table
        )

    return learn


def scaled(model: Callable[[int], object]) -> Method:
    """Numbers imputed and standardised, words one-hot, numeric targets standardised."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler

    from benchmarks.tabular.peer import pipeline

    def learn(table: Judged, seed: int) -> Fitted:
        made = model(table.classes is None)(seed)
        if table.classes is None:
            made = TransformedTargetRegressor(made, transformer=StandardScaler())

        def change(frame: pd.DataFrame) -> pd.DataFrame:
            words = {
                n: frame[n].astype(object).where(frame[n].notna()) for n in table.words
            }
            return frame.assign(**words)

        fitted = pipeline(table.train, made).fit(change(table.train), coded(table))
        found = answers(fitted, table)
        return lambda frame: found(change(frame))

    return learn


def mlp() -> Method:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    return scaled(
        lambda numeric: (
            lambda seed: (MLPRegressor if numeric else MLPClassifier)(random_state=seed)
        )
    )


def linear() -> Method:
    from sklearn.linear_model import LogisticRegression, Ridge

    return scaled(
        lambda numeric: (
            lambda seed: Ridge() if numeric else LogisticRegression(max_iter=1_000)
        )
    )


def pytabkit(name: str) -> Method:
    """RealMLP and TabM as tuned by pytabkit, told that log loss is what counts."""
    import pytabkit

    def learn(table: Judged, seed: int) -> Fitted:
        numeric = table.classes is None
        kind = getattr(pytabkit, f"{name}_{'Regressor' if numeric else 'Classifier'}")
        options = {"device": "cpu", "random_state": seed, "n_threads": THREADS}
        if not numeric:
            options["val_metric_name"] = "cross_entropy"
            if name.startswith("RealMLP"):
                options["use_ls"] = False
        # It refuses missing numbers: they get the training rows' median.
        middle = table.train.median(numeric_only=True)
        filled = replace(table, train=table.train.fillna(middle))
        found = on_categories(kind(**options), filled, cat_col_names=table.words)
        return lambda frame: found(frame.fillna(middle))

    return learn


def autogluon(seconds: int) -> Method:
    from autogluon.tabular import TabularPredictor

    def learn(table: Judged, seed: int) -> Fitted:
        numeric = table.classes is None
        metric = "root_mean_squared_error" if numeric else "log_loss"
        folder = tempfile.mkdtemp()
        model = TabularPredictor(
            TARGET, eval_metric=metric, path=folder, verbosity=0
        ).fit(
            with_target(table.train, table.y_train),
            time_limit=seconds, num_cpus=THREADS, num_gpus=0,
        )  # fmt: skip
        if numeric:
            return lambda frame: model.predict(frame).to_numpy()

        def probabilities(frame: pd.DataFrame) -> np.ndarray:
            found = model.predict_proba(frame)
            return found.reindex(columns=list(table.classes), fill_value=0.0).to_numpy()

        return probabilities

    return learn


METHODS: dict[str, Callable[[], Method]] = {
    "dovetail fast": partial(dovetail, "fast"),
    "dovetail good": partial(dovetail, "good"),
    "dovetail best": partial(dovetail, "best"),
    "LightGBM": lightgbm,
    "CatBoost": catboost,
    "XGBoost": xgboost,
    "HistGradientBoosting": hist_gradient_boosting,
    "linear": linear,
    "scikit-learn MLP": mlp,
    "RealMLP": partial(pytabkit, "RealMLP_TD"),
    "TabM": partial(pytabkit, "TabM_D"),
    "AutoGluon 60 s": partial(autogluon, 60),
}
