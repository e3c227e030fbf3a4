"""A run: everything that a training carries from one step to the next.

    members, update      weights, buffers, optimizer, average: tensors
    epoch, place         epochs that are done, steps done of the one that is not
    record               losses, norms and sizes of the steps of this epoch
    first, start         the weights before step 1, and the state when this epoch
                         began, to go back to in trouble
    best                 what the members were at their best epoch
    settings             what all of it is made of, compared when a run goes on
    trained              curves, and how it went, one for each member

``checkpoint`` and ``resume`` write and read all of it: a run that goes on from a
checkpoint is the run that was not interrupted, bit for bit.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, final

import numpy as np
import torch
from torch import Tensor, nn

from dovetail.losses import Loss
from dovetail.optim import Elementwise, Spec
from dovetail.train.checkpoint import Checkpoint
from dovetail.train.choices import Choices
from dovetail.train.feed import Epoch, Feed, MemoryEpoch, MemoryFeed, Part
from dovetail.train.members import Members
from dovetail.train.mode import set_mode
from dovetail.train.native.blocks import BlockInputs
from dovetail.train.object_update import ObjectUpdate
from dovetail.train.order import noise_keys
from dovetail.train.record import Record
from dovetail.train.settings import check_same, settings
from dovetail.train.snapshot import changed, copied, keep, renewed, restored
from dovetail.train.step import Step, mean
from dovetail.train.trained import Trained
from dovetail.train.update import FlatUpdate, Update

EAGER_FIRST = 64  # steps before a program is compiled


@final
class Run:
    """The state of a training of M members, and how to move it on by a step."""

    def __init__(
        self,
        networks: Sequence[nn.Module],
        losses: Sequence[Loss],
        specs: Sequence[Spec],
        feed: Feed,
        choices: Choices,
        *,
        seed: int,
        noise_seeds: Sequence[int],
        total: int,
        clip: float | None,
        average: bool,
    ) -> None:
        self.feed, self.seed, self.total = feed, seed, total
        self.noise_seeds = tuple(noise_seeds)
        self.members = Members(networks)
        self.update = _update(self.members, specs, clip, average=average)
        self.step = Step(self.members, losses, specs, choices.precision)
        self.settings = settings(
            self.members, losses, specs,
            seed=seed, noise_seeds=noise_seeds, steps=feed.steps, total=total,
            clip=clip, average=average,
        )  # fmt: skip
        self.choices = choices
        self.epoch = self.place = self.steps = 0
        self.scale = np.ones(len(self.members))
        self.troubles = 0
        self.trained = [Trained() for _ in networks]
        self.active = [True] * len(self.members)  # neither stopped nor diverged
        self.finished = False
        weights = self.members.weights
        sizes = None
        if isinstance(feed, MemoryFeed):
            sizes = [end - first for first, end in pairwise(feed.starts)]
        self.record = Record(feed.steps, weights, sizes)
        self.clipped = np.zeros(len(self.members))
        self.first = copied(self.members.state())
        self.start: dict[str, Tensor] = {}
        self.start_document: dict[str, Any] = {}
        self.best: dict[str, Tensor] = {}
        self.program: Any = None
        self.rows: Epoch
        self.begun = False  # is ``rows`` the epoch after ``epoch``, from ``place`` on?
        self._blocks: BlockInputs | None = None

    def begin_epoch(self) -> None:
        """The order, noise and numbers of the epoch after ``epoch``."""
        number = self.epoch + 1
        self.rows = self.feed.epoch(self.seed, number)
        layers = self.step.noise.shape[1] + 1
        keys = [
            noise_keys(seed, number, self.feed.steps, layers)
            for seed in self.noise_seeds
        ]
        self.step.begin_epoch(torch.stack(keys, dim=1))
        self.update.begin(self.total, self.scale)
        self.begun, self._blocks = True, None
        if self.place == 0:
            self.start = self._renewed(self.start, self.state())
            self.start_document = self.update.document()

    def wants_program(self) -> bool:
        """Is it time to compile? After some eager steps: the first numbers come at
        once, and data that cannot be trained on costs nobody a compilation."""
        return self.program is None and self._has_block()

    def _has_block(self) -> bool:
        """Is the next step the first of some for a program?

        By step and place alone, so that a run that was taken back, or goes on in a new
        process, makes the same steps eagerly.
        """
        length = self.choices.compiled
        return length > 0 and self.steps >= EAGER_FIRST and self.place % length == 0

    def _uses_program(self) -> bool:
        return (
            self.program is not None
            and self._has_block()
            and self.place < self.program.covers
        )

    def advance(self) -> None:
        """One step; with a program several."""
        if self._uses_program():
            self._advance_program()
        else:
            self.advance_on(self.rows.part(self.place))

    def advance_on(self, part: Part) -> None:
        """One eager step on these rows."""
        place = self.place
        losses, norms = self.update.take(
            lambda: self.step.gradients(
                part.rows, part.shares, place, self.choices.micro_batch
            ),
            self.steps,
        )
        self.record.sizes[place] = len(part.rows)
        self.record.add(
            losses.unsqueeze(0), None if norms is None else norms.unsqueeze(0)
        )
        self.place += 1
        self.steps += 1

    def expects(self) -> Tensor | None:
        """The losses (M,) that a program must give for its first step in this epoch,
        computed eagerly; None where the next step is no such step.

        Of a step that is all torch's code and ours once is enough.
        """
        if not self._uses_program() or self._blocks is not None:
            return None
        if self.program.compared and self.program.known:
            return None
        self.program.compared = True
        part = self.rows.part(self.place)
        each = self.step.row_losses(part.rows, self.place)
        return mean(each, part.shares)

    def last_losses(self) -> Tensor:
        """The losses (M,) of the first step of the last ``advance``."""
        return self.record.newest[0]

    def _advance_program(self) -> None:
        program = self.program
        if self._blocks is None:
            assert isinstance(self.rows, MemoryEpoch)
            assert isinstance(self.update, FlatUpdate)
            first = self.steps - self.place
            self._blocks = BlockInputs.of_epoch(
                self.rows, self.update, self.step.keys, first, program
            )
        losses, norms = program(self._blocks.inputs[self.place // program.steps])
        self.record.add(losses, None if self.update.clip is None else norms)
        self.place, self.steps = self.place + program.steps, self.steps + program.steps

    def eager(self, *, micro_batch: int | None) -> None:
        """From now on no program; it stands in the checkpoints too."""
        self.program = None
        self.choices = replace(self.choices, compiled=0, micro_batch=micro_batch)

    def note(self, text: str) -> None:
        """Something the report should tell."""
        for trained in self.trained:
            trained.notes.append(text)

    def largest_weights(self) -> list[float]:
        """The largest weight of each member by size; nan where one is nan."""
        found: list[float] = self.members.weights.abs().amax(1).tolist()
        return found

    def end_epoch(self) -> None:
        """The epoch counts as done, also where it was cut short."""
        if self.update.clip is not None:
            over = (self.record.norms(self.place) > self.update.clip).sum(0)
            self.clipped += over.cpu().numpy()
        self.record.clear()
        self.epoch += 1
        self.place = 0
        self.begun = False

    def back_to_start(self) -> None:
        """To where this epoch began, ready to train."""
        self.record.clear()
        self.steps -= self.place
        self.place = 0
        self._load(self.start, self.start_document)
        self.train(True)

    def back_to_beginning(self) -> None:
        """To before the first step; what was noted stays."""
        self.back_to_start()
        restored(self.members.state(), self.first)
        self.update.reset()
        self.epoch = self.steps = 0
        self.best = {}
        self.clipped[:] = 0
        for trained in self.trained:
            trained.history.clear()
            trained.best_epoch, trained.best_value = 0, None

    def train(self, mode: bool) -> None:
        """Networks and optimizer into training, or into evaluation."""
        for network in self.members.networks:
            set_mode(network, mode)
        self.update.mode(mode)

    def score(
        self, scores: Sequence[Callable[[], float]], higher_is_better: bool
    ) -> list[float]:
        """The metric of each member's averaged weights; the best are kept."""
        values = []
        with self.members.holding(self.update.average):
            for number, trained in enumerate(self.trained):
                value = scores[number]() if self.active[number] else math.nan
                values.append(value)
                if self.active[number] and _better(
                    value, trained.best_value, higher_is_better
                ):
                    trained.best_value, trained.best_epoch = value, self.epoch + 1
                    self._keep_best(number)
        return values

    def keep_last(self) -> None:
        """Nothing scores: the last weights are the ones to keep."""
        with self.members.holding(self.update.average):
            for number, trained in enumerate(self.trained):
                if self.active[number]:
                    trained.best_epoch = len(trained.history)
                    self._keep_best(number)

    def _keep_best(self, number: int) -> None:
        """Member ``number`` is now at its best, as its network stands."""
        state = self._own_state()
        if not self.best:
            self.best = self._renewed({}, state)
        keep(self.best, state, self.first, number)

    def take_best(self) -> None:
        """Put each member's best weights and buffers into its network."""
        restored(self._own_state(), self.best)
        for number, trained in enumerate(self.trained):
            trained.clipped = float(self.clipped[number]) / max(1, self.steps)
            trained.choices = self.choices

    def state(self) -> dict[str, Tensor]:
        """Every tensor that a step changes."""
        return {**self._own_state(), **self.update.state()}

    def _own_state(self) -> dict[str, Tensor]:
        self.members.gather()
        return self.members.state()

    def _renewed(
        self, old: Mapping[str, Tensor], state: Mapping[str, Tensor]
    ) -> dict[str, Tensor]:
        return renewed(old, state, self.first, self.members.frozen)

    def _load(self, tensors: Mapping[str, Tensor], document: Mapping[str, Any]) -> None:
        restored(self._own_state(), tensors)
        with torch.no_grad():
            self.update.load(tensors, document)

    def checkpoint(self) -> Checkpoint:
        """All of it, between two steps."""
        tensors = {f"first.{k}": v for k, v in self.first.items()}
        parts = {"now": self.state(), "best": self.best}
        if self.place:
            parts["start"] = self.start
        for part, state in parts.items():
            # What is frozen stands in "first" alone.
            new = changed(state, self.first, self.members.frozen)
            tensors |= {f"{part}.{k}": v for k, v in new.items()}
        if self.place:
            tensors |= {
                "losses": self.record.losses(self.place),
                "norms": self.record.norms(self.place),
            }
        document = {
            "epoch": self.epoch,
            "place": self.place,
            "steps": self.steps,
            "scale": self.scale.tolist(),
            "troubles": self.troubles,
            "active": self.active,
            "finished": self.finished,
            "sizes": self.record.sizes[: self.place],
            "clipped": self.clipped.tolist(),
            "settings": self.settings,
            "choices": self.choices.to_json(),
            "update": self.update.to_json(self.update.document()),
            "start": self.update.to_json(self.start_document) if self.place else {},
            "trained": [trained.to_json() for trained in self.trained],
        }
        return Checkpoint(tensors, document)

    def resume(self, saved: Checkpoint) -> None:
        """Go on where ``saved`` was made; the choices were taken from it already.

        Raises:
            ConfigError: it is of another training, and in what.
        """
        document = saved.document
        check_same(document.get("settings"), self.settings)
        device = self.members.weights.device
        now, start, best, self.first = (
            {name: value.to(device) for name, value in part.items()}
            for part in (
                _part(saved.tensors, n) for n in ("now", "start", "best", "first")
            )
        )
        frozen = {name: self.first[name] for name in self.members.frozen}
        self._load({**frozen, **now}, document["update"])
        self.best = {**frozen, **best} if best else {}
        self.start = {**frozen, **start} if start else {}
        self.start_document = document["start"]
        self.epoch, self.place = document["epoch"], document["place"]
        self.steps, self.troubles = document["steps"], document["troubles"]
        self.scale = np.array(document["scale"])
        self.clipped = np.array(document["clipped"])
        self.active, self.finished = document["active"], document["finished"]
        if self.place:
            self.record.load(
                saved.tensors["losses"], saved.tensors["norms"], document["sizes"]
            )
        self.trained = [Trained.from_json(one) for one in document["trained"]]


def _update(
    members: Members, specs: Sequence[Spec], clip: float | None, *, average: bool
) -> Update:
    elementwise = [spec for spec in specs if isinstance(spec, Elementwise)]
    if len(elementwise) == len(specs):
        return FlatUpdate(members, elementwise, clip, average=average)
    return ObjectUpdate(members, specs[0], clip, average=average)


def _better(value: float, best: float | None, higher_is_better: bool) -> bool:
    if not math.isfinite(value):
        return False
    if best is None:
        return True
    return value > best if higher_is_better else value < best


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    start = f"{prefix}."
    return {
        name.removeprefix(start): value
        for name, value in tensors.items()
        if name.startswith(start)
    }
