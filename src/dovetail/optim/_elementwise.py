"""Optimizers whose update of a weight looks at nothing but that weight's own numbers.

Then it does not matter where one parameter ends and the next begins, nor which member
of an ensemble a weight belongs to. All weights of m networks of equal shape can lie in
one buffer, and one call updates a slice of it:

    weights, gradient     (m, p)    p weights of each of m members
    slots                 (m, p)    what the optimizer remembers, one tensor a name
    coefficients          one number a column: a float, or (m, 1), one for each member

    table = spec.coefficients(steps, rates, decayed=True)    float64 (t, columns)
    slots = spec.start(weights)
    spec.update(weights, gradient, slots, table[0].tolist())

Whatever depends on the step, on the learning rate or on a setting is a coefficient,
worked out in float64 on the host. What remains is plain tensor operations without a
branch on data: they run eagerly, or are traced once for all steps and compiled.
Members whose specs have the same ``structure`` share a call, each with its own numbers.
"""

from abc import abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from dovetail.errors import UsageError
from dovetail.optim._arithmetic import Coefficient
from dovetail.optim._base import Spec

Numbers = npt.NDArray[np.float64]


class Elementwise(Spec):
    """A spec that can update flat buffers itself. Subclasses are final.

    >>> from dovetail.optim import SGD
    >>> spec = SGD(lr=0.1, momentum=0.5, nesterov=False, weight_decay=0.0)
    >>> weights, gradient = torch.ones(1, 2), torch.tensor([[1.0, -2.0]])
    >>> slots = spec.start(weights)
    >>> table = spec.coefficients(np.array([1]), np.array([0.1]), decayed=True)
    >>> spec.update(weights, gradient, slots, table[0].tolist())
    >>> weights
    tensor([[0.9000, 1.2000]])
    """

    # The coefficients, in the order in which ``update`` takes them. The names
    # "move..." are factors of what is added to a weight, their sign included.
    columns: ClassVar[tuple[str, ...]]

    # Properties that choose between operations, beside the slots there are.
    switches: ClassVar[tuple[str, ...]] = ()

    @property
    @abstractmethod
    def state(self) -> Mapping[str, float]:
        """What is remembered for each weight, by name: its value before step 1."""

    @abstractmethod
    def update(
        self,
        weights: Tensor,
        gradient: Tensor,
        slots: Sequence[Tensor],
        c: Sequence[Coefficient],
    ) -> None:
        """One step, in place on ``weights`` and ``slots``; ``gradient`` stays as it is.

        ``c`` has one coefficient for each of ``columns``, each on its own a float or a
        tensor (m, 1) of the weights' dtype. A weight decay that is given as the float
        that does nothing costs nothing. Autograd is for the caller to switch off, where
        the weights require gradients.
        """

    @abstractmethod
    def fused(
        self,
        weights: Tensor,
        gradient: Tensor,
        slots: Sequence[Tensor],
        *,
        step: int,
        rate: float,
        decayed: bool,
    ) -> bool:
        """The step of ``update`` by one kernel of torch, for weights of this one spec.

        False, and nothing done, where torch has none for this optimizer, device or
        layout. ``step`` counts from 1.
        """

    @abstractmethod
    def _values(
        self, steps: list[int], rates: Numbers, decayed: bool
    ) -> Sequence[Numbers | float]:
        """The columns of ``coefficients``; a float stands for every step."""

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the state tensors, each of the shape of the weights."""
        return tuple(self.state)

    @property
    def structure(self) -> tuple[Hashable, ...]:
        """Equal where one call of ``update`` can serve both specs: the class, and what
        changes the operations instead of the numbers in them."""
        switches = [getattr(self, name) for name in self.switches]
        return (type(self), self.slots, *switches)

    def start(self, weights: Tensor) -> list[Tensor]:
        """The slots before step 1, of the weights' shape, dtype and device."""
        return [torch.full_like(weights, value) for value in self.state.values()]

    def coefficients(
        self, steps: npt.NDArray[np.integer[Any]], rates: Numbers, *, decayed: bool
    ) -> Numbers:
        """The numbers of ``steps`` (t,), from 1, at learning ``rates`` (t,).

        float64 (t, columns). A row depends on its step and rate alone, so that it has
        the same bits in whatever company it is asked for. ``decayed`` is whether these
        weights are of those that decay.
        """
        if steps.ndim != 1 or steps.shape != rates.shape or (steps < 1).any():
            raise UsageError(
                f"{type(self).__name__}: coefficients for steps of shape {steps.shape} "
                f"from {steps.min(initial=1)} on at rates of shape {rates.shape}; "
                "needed: two of the same shape (t,), and steps that count from 1.",
                fix="give one learning rate for each step",
            )
        table = np.empty((len(steps), len(self.columns)))
        for j, value in enumerate(self._values(steps.tolist(), rates, decayed)):
            table[:, j] = value
        return table


def unbiased(beta: float, steps: list[int]) -> Numbers:
    """1 - beta^t: the total weight of t values in a running mean that began at 0.

    Python's power and not NumPy's, whose last bit may depend on the processor and on
    the length of the array.
    """
    return 1 - np.array([beta**t for t in steps])


def has_kernel(
    weights: Tensor, *others: Tensor, on: tuple[str, ...] = ("cpu", "cuda")
) -> bool:
    """Can torch's one-pass kernels take these? They read memory as one dense run."""
    return (
        weights.device.type in on
        and weights.is_floating_point()
        and weights.is_contiguous()
        and all(other.is_contiguous() for other in others)
    )


def counter(weights: Tensor, step: int) -> Tensor:
    """``step`` as these kernels want it: a float32 on the device of the weights."""
    return torch.full((), float(step), dtype=torch.float32, device=weights.device)
