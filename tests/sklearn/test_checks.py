"""All of scikit-learn's estimator checks: default constructors, nothing expected to
fail, and as many checks as this version of scikit-learn has.

Where no score is asked for a training ends after a few epochs: the checks make some
500 fits. ``make checks`` (DOVETAIL_FULL=1) trains all of them to the end.
"""

import os
import subprocess
import sys
from typing import Any
from unittest import SkipTest

import pytest
import sklearn
from sklearn.utils.estimator_checks import parametrize_with_checks

import dovetail as dt
from dovetail.estimator import presets

# Of Classifier and Regressor; docs/estimators.md has them, too.
COUNTS = {"1.6": (66, 59), "1.9": (66, 59)}
VERSION = ".".join(sklearn.__version__.split(".")[:2])

# It needs a variable set before SciPy is imported.
IN_A_PROCESS = """
import dovetail, sys
from sklearn.utils.estimator_checks import {check}
{check}(sys.argv[1], getattr(dovetail, sys.argv[1])(), array_namespace="numpy",
        expect_only_array_outputs=False)
print("passed")
"""

pytestmark = pytest.mark.filterwarnings("ignore::dovetail.errors.DovetailWarning")

PAIRS = list(parametrize_with_checks([dt.Classifier(), dt.Regressor()]).args[1])


def name_of(value: Any) -> str:
    return str(getattr(value, "func", value).__name__)


def shown(value: Any) -> str:
    return name_of(value) if callable(value) else type(value).__name__


# They ask how good the predictions are.
SCORED = {
    "check_classifiers_train",
    "check_regressors_train",
    "check_classifiers_classes",
    "check_class_weight_classifiers",
}


@pytest.mark.parametrize(("estimator", "check"), PAIRS, ids=shown)
def test_passes(estimator: Any, check: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if "DOVETAIL_FULL" not in os.environ and name_of(check) not in SCORED:
        monkeypatch.setattr(presets, "MOST_EPOCHS", 12)
    if name_of(check) != "check_array_api_input":
        try:
            check(estimator)
        except SkipTest as skipped:
            pytest.fail(f"scikit-learn skips it: {skipped}")
        return
    code = IN_A_PROCESS.format(check=name_of(check))
    done = subprocess.run(
        [sys.executable, "-c", code, type(estimator).__name__],
        env={**os.environ, "SCIPY_ARRAY_API": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "passed\n", done.stderr[-3000:]


def test_as_many_as_there_are() -> None:
    found = tuple(
        sum(isinstance(estimator, kind) for estimator, _ in PAIRS)
        for kind in (dt.Classifier, dt.Regressor)
    )
    if VERSION not in COUNTS:
        pytest.skip(f"nobody has counted the checks of scikit-learn {VERSION}: {found}")
    assert found == COUNTS[VERSION]


@pytest.mark.parametrize("estimator", [dt.Classifier(), dt.Regressor()])
def test_no_check_is_expected_to_fail(estimator: Any) -> None:
    tags = estimator.__sklearn_tags__()
    assert not any((tags.no_validation, tags.non_deterministic, tags._skip_test))
    assert not (tags.classifier_tags or tags.regressor_tags).poor_score
