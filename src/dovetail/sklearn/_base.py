"""What both estimators are: parameters, a fit through ``dovetail.fit``, its answers."""

from abc import abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from numpy import ndarray
from sklearn.base import BaseEstimator
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted

from dovetail.errors import ConfigError
from dovetail.estimator import Model, fit
from dovetail.sklearn._inputs import Inputs, check_inputs, check_weights, target_names
from dovetail.tasks import Task, kind_of

SEEDS = 2**31 - 1  # those drawn from a random state lie below


class Estimator(BaseEstimator):  # type: ignore[misc]
    """Parameters of a fit under scikit-learn's rules; no logic of its own."""

    TASKS: ClassVar[tuple[type[Task], ...]]
    DOES: ClassVar[str]  # "classify", for messages

    def __init__(
        self,
        *,
        task: Any = None,
        model: Any = "auto",
        preset: str = "fast",
        loss: Any = None,
        optimizer: Any = None,
        lr: float | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        patience: int | None = None,
        clip: float | None = None,
        average: bool | None = None,
        members: int | None = None,
        kinds: dict[str, str] | None = None,
        folds: int | None = None,
        random_state: Any = 0,
        device: Any = "auto",
        threads: int | None = None,
        precision: str = "auto",
        compiled: bool | None = None,
        micro_batch: int | None = None,
        time_limit: float | None = None,
    ) -> None:
        self.task = task
        self.model = model
        self.preset = preset
        self.loss = loss
        self.optimizer = optimizer
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.patience = patience
        self.clip = clip
        self.average = average
        self.members = members
        self.kinds = kinds
        self.folds = folds
        self.random_state = random_state
        self.device = device
        self.threads = threads
        self.precision = precision
        self.compiled = compiled
        self.micro_batch = micro_batch
        self.time_limit = time_limit

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803
        """Train a model for ``y`` from the columns of ``X``.

        Args:
            X: (n, f), a NumPy array, or a pandas, Polars or PyArrow frame, which keeps
                the types of its columns. Missing cells are NaN or None.
            y: the n targets, or (n, t) where there are several.
            sample_weight: n numbers >= 0. A row of weight 0 is left out; whole numbers,
                below 2,000 in all, are how often a row stands in the data.
        """
        inputs = check_inputs(self, X, reset=True)
        weights = check_weights(sample_weight, X)
        target = self._check_target(y, len(inputs), weights)
        task = self._default_task(target) if self.task is None else self.task
        if not issubclass(kind_of(task), self.TASKS):
            known = ", ".join(kind.__name__ for kind in self.TASKS)
            raise ConfigError(
                f"task is {kind_of(task).__name__}, which does not {self.DOES}.",
                fix=f"a {type(self).__name__} takes {known}",
            )
        counts = self._weighted(target, weights)
        self.model_ = self._fitted(inputs, _named(target, y), task, counts)
        self.n_outputs_ = len(self.model_.target)
        last = [line for line in self.model_.history if line["fold"] in (None, "all")]
        self.n_iter_ = max(line["epoch"] for line in last)
        self.loss_curve_ = [line["loss"] for line in last if line.get("member", 1) == 1]
        return self

    @abstractmethod
    def _check_target(self, y: Any, rows: int, weights: ndarray | None) -> ndarray:
        """``y`` as scikit-learn accepts it; sets what is learnt from it alone."""

    @abstractmethod
    def _default_task(self, target: ndarray) -> str:
        """The name of the task where none was given."""

    def _weighted(self, target: ndarray, weights: ndarray | None) -> ndarray | None:
        """How much each row counts."""
        return weights

    def _fitted(
        self, inputs: Inputs, target: Any, task: Any, weights: ndarray | None
    ) -> Model:
        options = {
            name: value
            for name, value in self.get_params(deep=False).items()
            if name not in ("task", "kinds", "random_state", "class_weight")
        }
        return fit(
            inputs.data,
            target,
            task=task,
            kinds={} if self.kinds is None else self.kinds,
            seed=self._seed(),
            weight=weights,
            **options,
        )

    def _seed(self) -> int:
        """A whole number as it is; else drawn, from NumPy's global stream for None."""
        state = self.random_state
        if isinstance(state, int | np.integer):
            return int(state)
        return int(check_random_state(state).randint(SEEDS))

    def _data(self, X: Any) -> Any:  # noqa: N803
        """Rows to answer for, columns named as in training."""
        check_is_fitted(self, "model_")
        return check_inputs(self, X, reset=False).data

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags


def _named(target: ndarray, y: Any) -> Any:
    """The target's columns under the names that they have in ``y``."""
    names = target_names(y)
    columns = target.reshape(len(target), -1).T
    if names is None or len(names) != len(columns):
        return target
    return dict(zip(names, columns, strict=True))
