"""One method on one set, in a process of its own.

    python -m benchmarks.tabular.one METHOD SET SEED DATA    prints one JSON document

The clock runs from the first row learnt from to the model, and again for predicting;
starting Python, importing the library and reading the file are not counted.
"""

import json
import resource
import sys
import time
import warnings
from pathlib import Path

import numpy as np

from benchmarks.tabular.judged import Judged, load
from benchmarks.tabular.methods import METHODS

LEAST = 1e-15  # as scikit-learn's log_loss cuts probabilities of float64
BINS = 15


def scores(table: Judged, predicted: np.ndarray) -> dict[str, float]:
    """Log loss, accuracy and calibration error; or RMSE and MAE."""
    if table.classes is None:
        error = predicted - table.y_test
        return {
            "score": float(np.sqrt(np.mean(error**2))),
            "mae": float(np.abs(error).mean()),
        }
    truth = np.searchsorted(table.classes, table.y_test)
    probs = predicted.astype(float).clip(LEAST, 1.0)
    probs /= probs.sum(1, keepdims=True)
    sure, right = probs.max(1), probs.argmax(1) == truth
    in_bin = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = np.bincount(in_bin, right - sure, BINS)
    return {
        "score": float(-np.log(probs[np.arange(len(truth)), truth]).mean()),
        "accuracy": float(right.mean()),
        "calibration_error": float(np.abs(gaps).sum() / len(truth)),
    }


def main(method: str, name: str, seed: int, data: Path) -> dict[str, float]:
    warnings.simplefilter("ignore")
    learn = METHODS[method]()
    table = load(name, data, seed)
    begin, cpu = time.perf_counter(), time.process_time()
    predict = learn(table, seed)
    learnt, cpu = time.perf_counter(), time.process_time() - cpu
    predicted = predict(table.test)
    end = time.perf_counter()
    return {
        **scores(table, predicted),
        "fit_s": learnt - begin,
        "fit_cpu_s": cpu,
        "predict_s": end - learnt,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    found = main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    print(json.dumps(found))
