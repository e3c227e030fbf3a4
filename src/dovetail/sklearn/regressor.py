"""A number for each row, or several."""

from typing import Any, ClassVar, final

import numpy as np
from numpy import ndarray
from sklearn.base import RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_consistent_length, column_or_1d

from dovetail.sklearn._base import Estimator
from dovetail.sklearn._inputs import check_target
from dovetail.tasks import Count, Ordinal, Regression, Task


@final
class Regressor(RegressorMixin, Estimator):  # type: ignore[misc]
    """Learns numbers from the columns of a table.

    Parameters are the options of ``dovetail.fit``, with these differences.

    Args:
        task: "regression", "count" or "ordinal", or a ``Task``; ``Regression`` if not
            given, also where all targets are whole numbers.
        random_state: an int is ``fit``'s ``seed``; None or a ``RandomState``: it is
            drawn.
        model: as in ``fit``; ``clone`` copies a module.

    Attributes:
        model_: the ``Model``: report, save, explain, evaluate.
        n_features_in_, feature_names_in_: as in scikit-learn.
        n_iter_: epochs of the last network; loss_curve_: its mean loss in each.
        n_outputs_: columns of the target.

    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 8
    >>> y = [0.1, 1.2, 1.9, 3.1, 0.0, 0.9, 2.2, 2.8] * 4
    >>> found = Regressor(epochs=30).fit(X, y)
    >>> found.predict([[1.0]]).shape, found.score(X, y) > 0.5
    ((1,), True)
    """

    TASKS: ClassVar[tuple[type[Task], ...]] = (Regression, Count, Ordinal)
    DOES: ClassVar[str] = "predict numbers"

    def predict(self, X: Any) -> ndarray:  # noqa: N803
        """Numbers (n,), or (n, t) where ``y`` has t columns."""
        data = self._data(X)
        return np.asarray(self.model_.predict(data), np.float64)

    def _check_target(self, y: Any, rows: int, weights: ndarray | None) -> ndarray:
        target = np.asarray(check_target(self, y, y_numeric=True))
        check_consistent_length(np.empty((rows, 1)), target)
        if target.ndim == 2 and target.shape[1] > 1:
            return target
        return np.asarray(column_or_1d(target, warn=True))

    def _default_task(self, target: ndarray) -> str:
        return "regression"

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
