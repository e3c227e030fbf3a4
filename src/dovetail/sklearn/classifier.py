"""Which of several classes, or which labels, each row has."""

from typing import Any, ClassVar, Self, final

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags, compute_class_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_consistent_length, column_or_1d

from dovetail.errors import ConfigError, TargetError
from dovetail.sklearn._base import Estimator
from dovetail.sklearn._inputs import check_target
from dovetail.tasks import Binary, Multiclass, MultiLabel, Ordinal, Task, spelling


@final
class Classifier(ClassifierMixin, Estimator):  # type: ignore[misc]
    """Learns classes, or sets of labels, from the columns of a table.

    Parameters are the options of ``dovetail.fit``, with these differences.

    Args:
        task: "binary", "multiclass", "multilabel" or "ordinal", or a ``Task``; if not
            given, two classes are ``Binary``, more of them ``Multiclass``, and a matrix
            of 0 and 1 is ``MultiLabel``.
        class_weight: "balanced", or ``{class: weight}``; rows count by the weight of
            their class, besides ``sample_weight``. Probabilities are then those of
            data in which classes are as frequent as the weights make them, as in
            scikit-learn; a ``weight`` of the loss is taken off again.
        random_state: an int is ``fit``'s ``seed``; None or a ``RandomState``: it is
            drawn.
        model: as in ``fit``; ``clone`` copies a module.

    Attributes:
        classes_: (C,), as ``np.unique`` sorts them; of an indicator matrix the numbers
            of its columns.
        model_: the ``Model``: report, save, explain, evaluate.
        n_features_in_, feature_names_in_: as in scikit-learn.
        n_iter_: epochs of the last network; loss_curve_: its mean loss in each.
        n_outputs_: columns of the target.

    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 8
    >>> y = ["no", "no", "yes", "yes"] * 8
    >>> Classifier(epochs=30).fit(X, y).predict([[0.0], [3.0]]).tolist()
    ['no', 'yes']
    """

    TASKS: ClassVar[tuple[type[Task], ...]] = (Binary, Multiclass, MultiLabel, Ordinal)
    DOES: ClassVar[str] = "classify"

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
        class_weight: Any = None,
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
        super().__init__(
            task=task,
            model=model,
            preset=preset,
            loss=loss,
            optimizer=optimizer,
            lr=lr,
            epochs=epochs,
            batch_size=batch_size,
            patience=patience,
            clip=clip,
            average=average,
            members=members,
            kinds=kinds,
            folds=folds,
            random_state=random_state,
            device=device,
            threads=threads,
            precision=precision,
            compiled=compiled,
            micro_batch=micro_batch,
            time_limit=time_limit,
        )
        self.class_weight = class_weight

    def predict(self, X: Any) -> ndarray:  # noqa: N803
        """Classes (n,) as ``y`` has them; of an indicator matrix 0 and 1 (n, L)."""
        data = self._data(X)
        return np.asarray(self.model_.predict(data).astype(self._target_type))

    def predict_proba(self, X: Any) -> Float[ndarray, "n c"]:  # noqa: N803
        """P(class), columns in the order of ``classes_``; P(label) (n, L)."""
        data = self._data(X)
        return self.model_.predict_proba(data)[:, self._places]

    def decision_function(self, X: Any) -> ndarray:  # noqa: N803
        """Log odds of the second of two classes (n,), or of each label (n, L); log
        probabilities (n, C) of several classes."""
        probs = self.predict_proba(X).astype(np.float64)
        tiny = np.finfo(np.float64).tiny
        logs = np.log(np.maximum(probs, tiny))
        if isinstance(self.model_.task, MultiLabel):
            return np.asarray(logs - np.log(np.maximum(1 - probs, tiny)))
        return logs[:, 1] - logs[:, 0] if len(self.classes_) == 2 else logs

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803
        super().fit(X, y, sample_weight)
        classes = getattr(self.model_.task, "classes", None)
        if classes is None:
            self._places = np.arange(len(self.classes_))
        else:
            place = {spelling(label): k for k, label in enumerate(classes)}
            self._places = np.array([place[s] for s in _spelt(self.classes_)])
        return self

    def _check_target(self, y: Any, rows: int, weights: ndarray | None) -> ndarray:
        target = _labels(self, y)
        check_consistent_length(np.empty((rows, 1)), target)
        check_classification_targets(target)
        kind = type_of_target(target, input_name="y")
        if kind == "multiclass-multioutput":
            raise TargetError(
                f"y has {target.shape[1]} columns of several classes each.",
                fix="give one column of classes, an indicator matrix of 0 and 1, or "
                "fit a Classifier for each column",
            )
        self._target_type = target.dtype
        if kind == "multilabel-indicator":
            self.classes_ = np.arange(target.shape[1])
            return target.astype(np.int64)
        target = np.asarray(column_or_1d(target, warn=True))
        learnt = target if weights is None else target[weights > 0]
        self.classes_ = np.unique(learnt)
        if len(self.classes_) < 2:
            raise TargetError(
                f"y has one class, {self.classes_.tolist()[0]!r}: there is nothing to "
                "learn.",
                fix="give rows of two classes or more, of a weight above 0",
            )
        if len(set(_spelt(self.classes_))) < len(self.classes_):
            raise TargetError(
                f"Two of the classes {self.classes_.tolist()[:20]} are one and the "
                "same, written differently.",
                fix="write each class in one way",
            )
        return target

    def _default_task(self, target: ndarray) -> str:
        if target.ndim == 2:
            return "multilabel"
        return "binary" if len(self.classes_) == 2 else "multiclass"

    def _weighted(self, target: ndarray, weights: ndarray | None) -> ndarray | None:
        if self.class_weight is None:
            return weights
        if target.ndim == 2:
            raise ConfigError(
                "class_weight was given for an indicator matrix.",
                fix="weigh labels in the loss, as in "
                "loss=dovetail.losses.MultiLabelCrossEntropy(pos_weight=...)",
            )
        counts = np.ones(len(target)) if weights is None else weights
        known = counts > 0
        place = np.searchsorted(self.classes_, target[known])
        if isinstance(self.class_weight, str) and self.class_weight == "balanced":
            # As often as rows count: a row of weight 2 is two of them.
            of_class = np.bincount(place, counts[known])
            by_class = of_class.sum() / (len(of_class) * of_class)
        else:
            by_class = compute_class_weight(
                self.class_weight, classes=self.classes_, y=target[known]
            )
        weighted = np.zeros(len(target))
        weighted[known] = counts[known] * by_class[place]
        return weighted

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _labels(estimator: Classifier, y: Any) -> ndarray:
    """``y`` as an array without missing cells."""
    target = check_target(estimator, y)
    return target.toarray() if hasattr(target, "toarray") else np.asarray(target)


def _spelt(classes: ndarray) -> list[str]:
    return [spelling(label) for label in classes.tolist()]
