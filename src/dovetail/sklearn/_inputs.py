"""X and sample_weight as scikit-learn accepts them, in a form that ``fit`` takes."""

from dataclasses import dataclass
from typing import Any, final

import narwhals as nw
import numpy as np
import pyarrow as pa
from numpy import ndarray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import (
    _check_sample_weight,
    _check_y,
    _num_samples,
    validate_data,
)

from dovetail import _arrow
from dovetail.errors import DataError

LEAST_ROWS = 3  # one to learn from, one to tune on, one to score on


@final
@dataclass(frozen=True)
class Inputs:
    """A matrix of numbers, or a table whose columns keep their types."""

    data: ndarray | pa.Table

    def __len__(self) -> int:
        return len(self.data)


def check_inputs(estimator: BaseEstimator, X: Any, *, reset: bool) -> Inputs:  # noqa: N803
    """``X`` after scikit-learn's checks; sets ``n_features_in_`` and the names.

    Names are what scikit-learn compares; where it lets other names pass with a warning,
    as for a matrix after a frame, columns are taken by position.
    """
    if is_frame(X):
        table = _arrow.table(X)
        _refuse_empty(estimator, table, reset=reset)
        # scikit-learn 1.6 does not see the names of a Polars frame.
        seen = X if nw.dependencies.is_pandas_dataframe(X) else table
        validate_data(estimator, seen, reset=reset, skip_check_array=True)
        return Inputs(_named(estimator, table, reset=reset))
    matrix = validate_data(
        estimator,
        X,
        reset=reset,
        dtype=None if _is_text(X) else "numeric",
        ensure_all_finite="allow-nan",
        ensure_min_samples=LEAST_ROWS if reset else 1,
    )
    if matrix.dtype.kind in "fiub" and (reset or estimator._names is None):
        if reset:
            estimator._names = None
        return Inputs(matrix)
    return Inputs(_named(estimator, _arrow.table(matrix), reset=reset))


def check_target(estimator: BaseEstimator, y: Any, *, y_numeric: bool = False) -> Any:
    """``y`` after scikit-learn's checks: one column or several, no missing cell."""
    if y is None:
        raise ValueError(
            f"This {type(estimator).__name__} estimator requires y to be passed, but "
            "the target y is None."
        )
    return _check_y(y, multi_output=True, y_numeric=y_numeric, estimator=estimator)


def target_names(y: Any) -> list[str] | None:
    """The names of the target columns, where ``y`` has some."""
    if isinstance(y, pa.RecordBatch) or nw.dependencies.is_into_dataframe(y):
        return list(_arrow.columns(y).column_names)
    name = y.name if nw.dependencies.is_into_series(y) and hasattr(y, "name") else None
    return None if name is None or name == "" else [str(name)]


def check_weights(sample_weight: Any, X: Any) -> ndarray | None:  # noqa: N803
    """Float64 (n,), finite, >= 0 and not all 0; None where every row counts once."""
    if sample_weight is None:
        return None
    weights: ndarray = _check_sample_weight(
        sample_weight,
        np.empty((_num_samples(X), 1)),
        dtype=np.float64,
        ensure_non_negative=True,
    )
    if not weights.any():  # scikit-learn 1.6 lets them pass
        raise DataError(
            "Sample weights must contain at least one non-zero number.",
            fix="give weights >= 0, not all of them 0",
        )
    return weights


def is_frame(X: Any) -> bool:  # noqa: N803
    """A table with typed columns: pandas, Polars, PyArrow."""
    return isinstance(X, pa.RecordBatch) or bool(
        nw.dependencies.is_into_dataframe(X) or nw.dependencies.is_narwhals_dataframe(X)
    )


def _is_text(X: Any) -> bool:  # noqa: N803
    """A matrix with words in it; one of objects may hold nothing but numbers."""
    if not hasattr(X, "dtype") and not isinstance(X, list | tuple):
        return False
    cells = X if hasattr(X, "dtype") else np.asarray(X)
    kind = getattr(cells.dtype, "kind", "")
    if kind == "O":
        return any(isinstance(cell, str | bytes) for cell in np.ravel(cells))
    return kind in "US"


def _named(estimator: BaseEstimator, table: pa.Table, *, reset: bool) -> pa.Table:
    if reset:
        estimator._names = table.column_names
    names = estimator._names or [f"x{j}" for j in range(table.num_columns)]
    return table.rename_columns(names)


def _refuse_empty(estimator: BaseEstimator, table: pa.Table, *, reset: bool) -> None:
    least = LEAST_ROWS if reset else 1
    if table.num_rows < least:
        raise DataError(
            f"Found a frame with {table.num_rows} sample(s) (shape={table.shape}) "
            f"while a minimum of {least} is required by {type(estimator).__name__}.",
            fix="give more rows",
        )
