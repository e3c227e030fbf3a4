"""scikit-learn's MLP with its defaults on one set: same rows, same metric.

    python -m benchmarks.tabular.peer NAME DATA    prints one JSON document

It trains on dovetail's train and tune rows together (it needs no tune rows) and is
scored on dovetail's score rows, by scikit-learn's own metrics. Numbers are imputed and
standardised, categories one-hot, regression targets standardised.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import metrics as sk
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import dovetail as dt
from benchmarks.tabular.sets import SETS

TINY = 1e-3  # counts are positive; a plain regressor does not know


def features(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The columns dovetail uses; dates as seconds, all that a plain MLP can take."""
    frame = frame[columns].copy()
    for name in frame.select_dtypes("datetime"):
        frame[name] = frame[name].astype("int64") / 1e9
    return frame


def pipeline(frame: pd.DataFrame, model) -> object:
    numbers = list(frame.select_dtypes("number"))
    words = [c for c in frame.columns if c not in numbers]
    scaled = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    hot = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore", min_frequency=2),
    )
    columns = ColumnTransformer([("n", scaled, numbers), ("w", hot, words)])
    return make_pipeline(columns, model)


def predictions(task: str, x, y, x_new, k: int) -> np.ndarray:
    """Probabilities (n, C) or (n, L), or numbers (n, D)."""
    if task in ("Regression", "Count"):
        inner = MLPRegressor(random_state=0)
        model = TransformedTargetRegressor(inner, transformer=StandardScaler())
        y = y[:, 0] if y.shape[1] == 1 else y
        return pipeline(x, model).fit(x, y).predict(x_new).reshape(len(x_new), -1)
    fitted = pipeline(x, MLPClassifier(random_state=0)).fit(x, y)
    found = fitted.predict_proba(x_new)
    if task == "MultiLabel":
        return found
    whole = np.zeros((len(x_new), k))  # a class may be absent from the training rows
    whole[:, fitted.classes_.astype(int)] = found
    return whole


def score(task: str, truth: np.ndarray, predicted: np.ndarray, scale) -> float:
    if task == "MultiLabel":
        p = np.clip(predicted, 1e-15, 1 - 1e-15)
        return float(-np.mean(truth * np.log(p) + (1 - truth) * np.log1p(-p)))
    if task in ("Binary", "Multiclass"):
        labels = np.arange(predicted.shape[1])
        return float(sk.log_loss(truth, predicted, labels=labels))
    if task == "Ordinal":
        median = (predicted.cumsum(1) >= 0.5 - 1e-9).argmax(1)
        return float(sk.mean_absolute_error(truth, median))
    if task == "Count":
        mean = np.maximum(predicted[:, 0], TINY)
        return float(sk.mean_poisson_deviance(truth[:, 0], mean))
    rmse = sk.root_mean_squared_error(truth, predicted, multioutput="raw_values")
    return float(rmse[0] if len(rmse) == 1 else (rmse / np.array(scale)).mean())


def main(name: str, data: Path) -> dict:
    chosen = SETS[name]
    planned = dt.plan(chosen.path(data), **chosen.keywords(data))
    task, kind = planned.task, type(planned.task).__name__
    columns = list(planned.schema.columns)

    def part(source) -> tuple[pd.DataFrame, np.ndarray]:
        frame = features(source.table.to_pandas(), columns)
        if kind in ("Regression", "Count"):
            return frame, source.target.to_pandas().to_numpy(float)
        target = task.encode(source.target).numpy()
        return frame, target[:, 0] if kind == "Binary" else target

    x, y = part(planned.given.main)
    k = 2 if kind == "Binary" else getattr(task, "head_size", 1) + (kind == "Ordinal")
    start = time.perf_counter()
    if planned.given.test is not None:
        x_new, truth = part(planned.given.test)
        predicted = predictions(kind, x, y, x_new, k)
    else:
        truths, found = [], []
        for fold in planned.row_plan.folds:
            rows = np.concatenate([fold.train, fold.tune])
            x_new = x.iloc[fold.score]
            found.append(predictions(kind, x.iloc[rows], y[rows], x_new, k))
            truths.append(y[fold.score])
        predicted, truth = np.concatenate(found), np.concatenate(truths)
    return {
        "score": score(kind, truth, predicted, getattr(task, "scale", None)),
        "seconds": time.perf_counter() - start,
        "rows": len(truth),
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]))))
