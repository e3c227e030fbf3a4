"""How many of scikit-learn's estimator checks the estimators pass, and peers.

    python -m benchmarks.checks                 dovetail's and scikit-learn's MLP
    python -m benchmarks.checks --skorch        skorch's as well, where installed

Constructors are the default ones; skorch's take the module, which they cannot do
without. Prints a row of docs/estimators.md for each estimator.
"""

import argparse
import os

os.environ.setdefault("SCIPY_ARRAY_API", "1")  # one check is skipped without it

import time
import warnings
from collections import Counter
from typing import Any
from unittest import SkipTest

import sklearn
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch import nn

import dovetail as dt


class Net(nn.Module):
    """For skorch: a network that learns its input's width from the first batch."""

    def __init__(self, outputs: int = 2) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.LazyLinear(32), nn.ReLU(), nn.Linear(32, outputs)
        )

    def forward(self, x):
        return self.layers(x.float())


def counts(estimator: Any) -> tuple[Counter[str], float]:
    """How the checks end: passed, skipped, failed; and seconds of processor time."""
    found: Counter[str] = Counter()
    start = time.process_time()
    for one, check in parametrize_with_checks([estimator]).args[1]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                check(one)
            except SkipTest:
                found["skipped"] += 1
            except Exception:
                found["failed"] += 1
            else:
                found["passed"] += 1
    return found, time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skorch", action="store_true")
    estimators = [dt.Classifier(), dt.Regressor(), MLPClassifier(), MLPRegressor()]
    if parser.parse_args().skorch:
        from skorch import NeuralNetClassifier, NeuralNetRegressor

        estimators += [
            NeuralNetClassifier(
                Net, module__outputs=10, criterion=nn.CrossEntropyLoss, verbose=0
            ),
            NeuralNetRegressor(Net, module__outputs=1, verbose=0),
        ]
    print(f"scikit-learn {sklearn.__version__}\n")
    print("| estimator | checks | passed | skipped | failed | s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for estimator in estimators:
        found, seconds = counts(estimator)
        print(
            f"| {type(estimator).__name__} | {found.total()} | {found['passed']} "
            f"| {found['skipped']} | {found['failed']} | {seconds:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
