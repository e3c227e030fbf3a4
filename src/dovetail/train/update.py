"""From gradients to new weights: clipping, the optimizer, the moving average.

Elementwise optimizers (SGD to RAdam, Lion) work on the one buffer of all members, with
each member's numbers in a table that is made for an epoch at a time. Others (Muon,
L-BFGS, schedule-free, a user's own) are objects of torch and train one network.

    table (steps, M, C)    column 0: how much of the weights the average takes in
                           then, for each run of alike members, the optimizer's
                           coefficients for decayed weights, and those for the rest
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from dovetail.optim import Elementwise, clip_members
from dovetail.train.average import taken_in
from dovetail.train.members import Members
from dovetail.train.snapshot import restored

Numbers = npt.NDArray[np.float64]

# The losses (M,) of a step and the gradient of each parameter, computed when called.
Gradients = Callable[[], tuple[Tensor, list[Tensor | None]]]

LONGEST_WINDOW = 4_096  # steps whose numbers are worked out at once


class Update(ABC):
    """What happens to weights after a gradient."""

    def __init__(self, members: Members, clip: float | None, *, average: bool) -> None:
        self.members = members
        self.clip = clip
        self.average = members.weights.clone() if average else None
        self.total, self.scale = 0, np.ones(len(members))  # until ``begin``

    def reset(self) -> None:
        """As before the first step, from the members' weights of now."""
        if self.average is not None:
            self.average.copy_(self.members.weights)

    def state(self) -> dict[str, Tensor]:
        """Tensors that change in a step, by name, themselves."""
        return {} if self.average is None else {"average": self.average}

    def document(self) -> dict[str, Any]:
        """What else changes in a step: a copy, which the next steps leave alone."""
        return {}

    def to_json(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """What ``document`` gave, for a checkpoint: that in memory may hold more."""
        return document

    def load(self, tensors: Mapping[str, Tensor], document: Mapping[str, Any]) -> None:
        """Go back to what ``state`` and ``document`` gave."""
        restored(self.state(), tensors)

    def begin(self, total: int, scale: Numbers) -> None:
        """An epoch begins, of a run of ``total`` steps; rates are times ``scale``."""
        self.total, self.scale = total, scale

    @abstractmethod
    def take(self, gradients: Gradients, step: int) -> tuple[Tensor, Tensor | None]:
        """One step (counted from 0) from ``gradients()``: losses (M,), norms (M,)."""

    @abstractmethod
    def rates(self, first: int, count: int, total: int, scale: Numbers) -> Numbers:
        """Learning rates (count, M) of steps ``first`` to ``first + count`` (from 0).

        ``scale`` (M,) is what trouble left of them, ``total`` the schedule's length.
        """

    def mode(self, training: bool) -> None:  # noqa: B027  # nothing to do for most
        """Called before an epoch, and after it."""


@final
class FlatUpdate(Update):
    """Elementwise optimizers over the buffer of all members."""

    def __init__(
        self,
        members: Members,
        specs: Sequence[Elementwise],
        clip: float | None,
        *,
        average: bool,
    ) -> None:
        super().__init__(members, clip, average=average)
        self.specs = tuple(specs)
        self.slots: dict[str, Tensor] = {}
        self._segments: list[_Segment] = []
        self.columns = 1  # of the table
        self.gradient = torch.zeros_like(members.weights)
        self._window: _Window | None = None
        first = 0
        for _, alike in groupby(specs, key=lambda spec: spec.structure):
            run = list(alike)
            self._add_run(first, run)
            first += len(run)
        self.reset()

    @torch.no_grad()
    def reset(self) -> None:
        """Average and slots as before the first step."""
        super().reset()
        for number, spec in enumerate(self.specs):
            weights = self.members.weights[number : number + 1]
            for own, value in zip(
                self._own_slots(number), spec.start(weights), strict=True
            ):
                own.copy_(value[0])

    def _own_slots(self, number: int) -> list[Tensor]:
        """The slots of one member, views."""
        segment = next(
            s for s in self._segments if s.rows.start <= number < s.rows.stop
        )
        return [self.slots[n][number - segment.rows.start] for n in segment.names]

    def _add_run(self, first: int, specs: list[Elementwise]) -> None:
        rows = slice(first, first + len(specs))
        weights = self.members.weights
        slots = specs[0].start(weights[rows])
        names = [f"slot.{first}.{name}" for name in specs[0].slots]
        self.slots.update(zip(names, slots, strict=True))
        middle, end = self.members.decayed, weights.shape[1]
        if not any(getattr(spec, "weight_decay", 0) for spec in specs):
            middle = 0  # all are alike: one call instead of two
        for part, decayed in ((slice(0, middle), True), (slice(middle, end), False)):
            if part.stop > part.start:
                wide = slice(self.columns, self.columns + len(specs[0].columns))
                self._segments.append(
                    _Segment(tuple(specs), rows, part, wide, decayed, tuple(names))
                )
                self.columns = wide.stop

    def state(self) -> dict[str, Tensor]:
        """Slots and average."""
        return {**super().state(), **self.slots}

    def begin(self, total: int, scale: Numbers) -> None:
        """Numbers worked out before hold on, unless the rates change."""
        if total != self.total or not np.array_equal(scale, self.scale):
            self._window = None
        super().begin(total, scale.copy())

    def take(self, gradients: Gradients, step: int) -> tuple[Tensor, Tensor | None]:
        """Put the gradients side by side and update the buffer."""
        losses, found = gradients()
        torch.cat(self.members.beside(found), dim=1, out=self.gradient)
        window = self._window
        if window is None or not 0 <= step - window.first < window.count:
            # Short runs need few; long ones get them in larger and larger pieces.
            count = 64 if window is None else min(2 * window.count, LONGEST_WINDOW)
            count = min(count, self.total - step)
            window = self._window = self._window_at(step, count)
        place = step - window.first
        if window.floats is None:
            return losses, self.apply(self._own(), self.gradient, window.table[place])
        one = (step + 1, window.floats[place][1])
        return losses, self.apply(
            self._own(), self.gradient, window.floats[place][0], one=one
        )

    def _own(self) -> dict[str, Tensor]:
        return {"weights": self.members.weights, **self.state()}

    def _window_at(self, first: int, count: int) -> "_Window":
        rates = self.rates(first, count, self.total, self.scale)
        table = self.table(first, rates)
        if len(self.members) > 1:
            weights = self.members.weights
            return _Window(first, count, torch.from_numpy(table).to(weights), None)
        pairs = zip(table[:, 0].tolist(), rates[:, 0].tolist(), strict=True)
        return _Window(first, count, torch.empty(0), list(pairs))

    def rates(self, first: int, count: int, total: int, scale: Numbers) -> Numbers:
        """Each member's own rate on its own schedule."""
        steps = range(first, first + count)
        found = {
            spec: [(spec.lr or 0.0) * spec.schedule(step, total) for step in steps]
            for spec in set(self.specs)
        }
        each = [found[spec] for spec in self.specs]
        return np.array(each, dtype=np.float64).T * scale

    def table(self, first: int, rates: Numbers) -> Numbers:
        """float64 (steps, M, C): every number that steps from ``first`` on need."""
        count, members = rates.shape
        steps = np.arange(first + 1, first + count + 1)
        table = np.zeros((count, members, self.columns))
        table[:, :, 0] = np.array([taken_in(s) for s in steps.tolist()])[:, None]
        for segment in self._segments:
            # Members of one spec and one rate have the same numbers.
            known: dict[tuple[Elementwise, bytes], Numbers] = {}
            for number, spec in enumerate(segment.specs):
                member = segment.rows.start + number
                own = rates[:, member]
                numbers = known.get(alike := (spec, own.tobytes()))
                if numbers is None:
                    numbers = spec.coefficients(steps, own, decayed=segment.decayed)
                    known[alike] = numbers
                table[:, member, segment.columns] = numbers
        return table

    @torch.no_grad()
    def apply(
        self,
        state: Mapping[str, Tensor],
        gradient: Tensor,
        numbers: Tensor | list[float],
        *,
        one: tuple[int, float] | None = None,
    ) -> Tensor | None:
        """One step in place on ``state`` (weights, slots, average); norms if clipped.

        ``numbers`` is a row of the table: (M, C), or floats where M = 1; then ``one``
        may say (step from 1, rate), and torch's own kernels are used where it has any.
        """
        norms = None
        if self.clip is not None:
            norms = clip_members(gradient, self.clip)
        weights = state["weights"]
        for s in self._segments:
            part = weights[s.rows, s.part]
            slots = [state[name][:, s.part] for name in s.names]
            own = gradient[s.rows, s.part]
            if one is not None and s.specs[0].fused(
                part, own, slots, step=one[0], rate=one[1], decayed=s.decayed
            ):
                continue
            s.specs[0].update(part, own, slots, s.coefficients(numbers))
        if self.average is not None:
            taken = numbers[0] if isinstance(numbers, list) else numbers[:, :1]
            state["average"].lerp_(weights, taken)
        return norms


@dataclass(frozen=True)
class _Window:
    """The table of some steps: a tensor for members, (row, rate) for one network."""

    first: int
    count: int
    table: Tensor
    floats: list[tuple[list[float], float]] | None


_NO_DECAY = {"weight_decay": 0.0, "keep": 1.0}  # the value that does nothing


class _Segment:
    """Weights that one call updates: alike members, all decayed or none."""

    def __init__(
        self,
        specs: tuple[Elementwise, ...],
        rows: slice,
        part: slice,
        columns: slice,
        decayed: bool,
        names: tuple[str, ...],
    ) -> None:
        self.specs, self.rows, self.part = specs, rows, part
        self.columns, self.decayed, self.names = columns, decayed, names
        # Of weights that no member decays the number is known, and costs no operation.
        self._still: dict[int, float] = {}
        if not decayed:
            for place, column in enumerate(specs[0].columns):
                if column in _NO_DECAY:
                    self._still[place] = _NO_DECAY[column]

    def coefficients(self, numbers: Tensor | list[float]) -> list[Tensor | float]:
        """This segment's part of a row of the table."""
        c: list[Tensor | float]
        if isinstance(numbers, list):
            c = [*numbers[self.columns]]
        else:
            c = [*numbers[self.rows, self.columns].unsqueeze(2).unbind(1)]
        for place, value in self._still.items():
            c[place] = value
        return c
