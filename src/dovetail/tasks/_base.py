"""What every task is, duty by duty, in the order in which data flows.

    duty           takes                          gives
    from_targets   raw targets                    the task, with all it learnt from them
    encode         raw targets                    target tensor, as the loss wants it
    head           in_features                    module (n, d) -> raw (n, k)
    loss           raw, target                    one value per row (n,)
    inverse_link   raw (n, k)                     probabilities or mean
    decide         raw (n, k)                     decision, encoded
    decode         decision                       labels as the user wrote them
    metrics        views of raw and target        the first one picks the best epoch

A task is a value: frozen, comparable, printable, JSON in and out. Weights live in the
model, curves in the history.
"""

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, ClassVar, Self, get_origin

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from jaxtyping import Bool, Float
from numpy import ndarray
from torch import Tensor, nn

from dovetail import _arrow, decisions, heads, losses, metrics
from dovetail._phrases import Phrase
from dovetail.errors import ConfigError, DovetailError, TargetError
from dovetail.tasks._columns import target_table

_ITSELF = Phrase("the estimate itself, {estimates}", "即估计值本身：{estimates}")


class Task(ABC):
    """The whole contract between a target and everything that follows from it."""

    # Losses and decision rules that fit, the default first.
    LOSSES: ClassVar[tuple[type[losses.Loss], ...]]
    DECISIONS: ClassVar[tuple[type[decisions.Decision], ...]]
    # One sentence each for explain() and describe().
    PROBLEM: ClassVar[str]
    LINK: ClassVar[str]
    # Global gradient norm to clip to; exp links need it, others do not.
    CLIP: ClassVar[float | None] = None

    loss: losses.Loss
    decision: decisions.Decision
    bias: tuple[float, ...] | None

    def __post_init__(self) -> None:
        """Refuse a loss or decision rule that does not fit; subclasses call it last."""
        losses.resolve(self.loss, self.fitting_losses, type(self).__name__)
        self._check_loss(self.loss)
        self._check_decision(self.decision)

    # -- from raw targets -------------------------------------------------------------

    @classmethod
    def from_targets(cls, values: Any, **options: Any) -> Self:
        """The task that fits ``values``, with everything learnt from all of them."""
        table = _arrow.columns(values)
        return cls.discover(table, **options).learn(table)

    @classmethod
    @abstractmethod
    def discover(cls, values: Any) -> Self:
        """Classes, labels or columns of ``values``; nothing that is an estimate.

        A task's own options, such as ``positive`` or ``order``, are keyword-only.
        """

    def learn(self, values: Any, weights: Tensor | None = None) -> Self:
        """A copy with the estimates made from training targets: scale and bias."""
        task = self._scaled(_arrow.columns(values))
        start = task.initial_bias(task.encode(values), weights)
        return task._changed(bias=tuple(start.double().tolist()))

    def _scaled(self, table: pa.Table) -> Self:
        """A copy with units learnt from training targets; most tasks have none."""
        return self

    # -- codec ------------------------------------------------------------------------

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """Names of the target columns when there are several; empty for one."""

    @abstractmethod
    def encode(self, values: Any) -> Tensor:
        """Raw targets to the tensor that the loss takes."""

    def truth(self, values: Any) -> Tensor:
        """Targets encoded at full precision, for metrics rather than for training."""
        return self.encode(values)

    @abstractmethod
    def decode_table(self, decided: Tensor, name: str = "target") -> pa.Table:
        """Decisions to the target column(s), named and written as in the data."""

    def decode(self, decided: Tensor) -> list[Any]:
        """Decisions to labels: a value for each row, a list where there are several."""
        table = self.decode_table(decided)
        if not self.columns:
            return list(table.column(0).to_pylist())
        columns = [column.to_pylist() for column in table.columns]
        return [list(row) for row in zip(*columns, strict=True)]

    def known(self, values: Any) -> Bool[ndarray, " n"]:
        """Which rows have a target to learn from."""
        table = target_table(values)
        known = pc.is_valid(table.column(0))
        for column in table.columns[1:]:
            known = pc.and_(known, pc.is_valid(column))
        return np.asarray(known)

    @abstractmethod
    def strata(self, target: Tensor) -> ndarray:
        """An integer for each row; a split keeps the shares of each value."""

    # -- head -------------------------------------------------------------------------

    @property
    @abstractmethod
    def head_size(self) -> int:
        """k, the number of raw outputs."""

    def initial_bias(
        self, target: Tensor, weights: Tensor | None = None
    ) -> Float[Tensor, " k"]:
        """The constant raw output with the least mean loss on the training targets."""
        return self.loss.best_constant(target, self.head_size, weights)

    def head(
        self,
        in_features: int,
        target: Tensor | None = None,
        weights: Tensor | None = None,
    ) -> nn.Module:
        """``Linear(in_features, head_size)`` that starts as the best constant.

        The bias is the best constant of the loss: of ``target`` (encoded) where given,
        else the one learnt by ``from_targets``, else zero. Weights start at zero, so
        that step 0 is the baseline and the first loss is the null model's.
        """
        if target is not None:
            bias = self.initial_bias(target, weights)
        else:
            bias = torch.tensor(self.bias or [0.0] * self.head_size)
        return heads.linear(in_features, bias)

    # -- raw outputs to answers -------------------------------------------------------

    @abstractmethod
    def inverse_link(self, raw: Tensor) -> Tensor:
        """Raw outputs to probabilities or mean; computed in float32 at least."""

    def decide(self, raw: Tensor) -> Tensor:
        """Raw outputs to the decision, in encoded space."""
        return self.decision(self.inverse_link(raw))

    @property
    @abstractmethod
    def metrics(self) -> tuple[metrics.Metric, ...]:
        """The metrics that fit; the first one picks the best epoch."""

    @abstractmethod
    def views(self, raw: Tensor, target: Tensor) -> "Views":
        """What metrics look at: prediction and truth for each view they take."""

    def evaluate(
        self, raw: Tensor, target: Tensor, weights: Tensor | None = None
    ) -> dict[str, float]:
        """Every metric by name, for raw outputs (n, k) and encoded targets."""
        views = self.views(raw.detach(), target)
        return {m.name: m(*views[m.takes], weights) for m in self.metrics}

    @abstractmethod
    def proba_table(self, raw: Tensor, name: str = "target") -> pa.Table | None:
        """One column for each class or label, or None for tasks without."""

    def _named(self, probs: Tensor, labels: Sequence[Any], name: str) -> pa.Table:
        """Probabilities (n, C) as columns named after target columns or labels."""
        names = [f"{column}_proba" for column in self.columns]
        names = names or [f"{name}_{label}" for label in labels]
        return pa.table(dict(zip(names, probs.cpu().numpy().T, strict=True)))

    def rescaled(self, raw: Tensor, to: Self) -> Tensor:
        """Raw outputs of this task in the units of ``to``, a copy learnt elsewhere."""
        return raw

    # -- changed copies ---------------------------------------------------------------

    @property
    def fitting_losses(self) -> tuple[type[losses.Loss], ...]:
        """The losses that fit this task as it stands, the default first."""
        return self.LOSSES

    def with_loss(self, loss: Any) -> Self:
        """A copy with another loss, by value, class or name; refused if it cannot fit.

        The bias learnt for the old loss is dropped: ``learn`` or ``head(d, target)``
        find the new one.
        """
        named = losses.resolve(loss, self.fitting_losses, type(self).__name__)
        self._check_loss(named.loss)
        if named.loss == self.loss:
            return self
        return self._changed(loss=named.loss, bias=None)

    def _check_loss(self, loss: losses.Loss) -> None:  # noqa: B027 - most need none
        """Raise where a loss of a fitting class has parameters that do not fit."""

    def with_decision(self, decision: decisions.Decision) -> Self:
        """A copy with another decision rule."""
        self._check_decision(decision)
        return self._changed(decision=decision)

    def _check_decision(self, decision: decisions.Decision) -> None:
        if not isinstance(decision, self.DECISIONS):
            fitting = ", ".join(d.__name__ for d in self.DECISIONS)
            raise ConfigError(
                f"{type(decision).__name__} is no decision rule for "
                f"{type(self).__name__}.",
                fix=f"choose one of: {fitting}",
            )

    def _changed(self, **values: Any) -> Self:
        changed = copy.copy(self)
        for name, value in values.items():
            object.__setattr__(changed, name, value)
        return changed

    # -- words and JSON ---------------------------------------------------------------

    @property
    def problem(self) -> str:
        """What a row of the target holds, in words."""
        return self.PROBLEM

    @property
    def optimal_for(self) -> str:
        """What the decision is the best one for, in words."""
        if isinstance(self.decision, decisions.Mean):
            return _ITSELF(estimates=self.loss.estimates)
        return self.decision.optimal_for

    def describe(self) -> dict[str, str]:
        """The task's row of the pairing table, in words."""
        outputs = f"{self.head_size} raw output" + "s" * (self.head_size != 1)
        return {
            "task": type(self).__name__,
            "problem": self.problem,
            "outputs": outputs,
            "activation in the network": "none; the loss takes raw outputs",
            "loss": f"{type(self.loss).__name__}: {self.loss.formula}",
            "inverse link": self.LINK,
            "decision": f"{type(self.decision).__name__}: {self.optimal_for}",
            "metrics": _listed([metric.name for metric in self.metrics]),
        }

    def to_json(self) -> dict[str, Any]:
        """Everything the task is, readable without dovetail."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]
        plain = {
            name: value.to_json() if hasattr(value, "to_json") else value
            for name, value in values.items()
        }
        return {"task": type(self).__name__, **plain}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote, the task's name taken off.

        Raises:
            TargetError: a field is missing, unknown or no value of its kind.
            ConfigError: the loss or the decision rule does not fit this task.
        """
        given: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        known = {f.name: f.type for f in fields(cls)}  # type: ignore[arg-type]
        if unknown := given.keys() - known:
            raise cls._refused(f"has no field {sorted(unknown)[0]!r}")
        if missing := known.keys() - given:
            raise cls._refused(f"needs the field {sorted(missing)[0]!r}")
        for name, kind in known.items():
            if get_origin(kind) is tuple and not isinstance(given[name], tuple):
                raise cls._refused(f"needs a list as {name!r}, got {given[name]!r}")
        for name, read in (
            ("loss", losses.from_json),
            ("decision", decisions.from_json),
        ):
            if not isinstance(given[name], Mapping):
                raise cls._refused(f"needs an object as {name!r}, got {given[name]!r}")
            given[name] = read(given[name])
        try:
            task = cls._made(given)
            hash(task)  # labels that are lists or objects
        except DovetailError:
            raise
        except (TypeError, ValueError) as error:
            raise cls._refused(f"cannot be made from these values: {error}") from None
        bias = task.bias
        if bias is not None and not (
            isinstance(bias, tuple)
            and len(bias) == task.head_size
            and all(isinstance(b, float | int) for b in bias)
        ):
            raise cls._refused(f"needs a bias of {task.head_size} numbers, got {bias}")
        return task

    @classmethod
    def _made(cls, values: dict[str, Any]) -> Self:
        """The task with these fields, checked as one that is written by hand."""
        return cls(**values)

    @classmethod
    def _refused(cls, what: str) -> TargetError:
        return TargetError(
            f"A {cls.__name__} task {what}.",
            fix="the file was changed, or written by a newer dovetail",
        )


Views = dict[str, tuple[Tensor, Tensor]]


def _listed(names: list[str], most: int = 20) -> str:
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more])
