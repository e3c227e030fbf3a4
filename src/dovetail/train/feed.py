"""Where the rows of each step come from: tensors in memory, or a loader of the user's.

In memory: shuffled by index once an epoch, then contiguous slices; nothing of Python
for a single row. For compiled programs an epoch is also one padded block
(steps, B, ...).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, final

import torch
from torch import Tensor

from dovetail.errors import ConfigError, DataError
from dovetail.train.order import reading_seeds, row_order
from dovetail.train.rows import Rows

Loader = Iterable[Any]

SLICED = 16  # parts of an epoch that are cut one by one


@dataclass(frozen=True)
class Part:
    """The rows of one step; ``shares`` are their parts in the mean, None: all alike."""

    rows: Rows
    shares: Tensor | None


class Feed(ABC):
    """A source of rows for every epoch."""

    steps: int  # of an epoch
    rows: Rows  # some rows that show shapes and types, at least one
    generators: Sequence[torch.Generator] = ()  # of the user's, which epochs seed

    @abstractmethod
    def epoch(self, seed: int, epoch: int) -> "Epoch":
        """The rows of one epoch in their order."""


class Epoch(ABC):
    """One pass over the rows."""

    @abstractmethod
    def part(self, step: int) -> Part:
        """The rows of ``step`` (from 0)."""

    @abstractmethod
    def numbers(self, step: int) -> list[int]:
        """The numbers of a step's rows in the data; empty where nobody knows them."""


@final
class MemoryFeed(Feed):
    """Rows in memory, on the device already."""

    def __init__(self, rows: Rows, batch: int) -> None:
        self.rows = rows
        self.batch = min(batch, len(rows))
        self.starts = batch_starts(len(rows), self.batch)
        self.steps = len(self.starts) - 1
        # Weights are relative: their mean over all rows counts as 1.
        self.mean_weight = 1.0 if rows.weights is None else rows.weights.mean()
        self._shuffled: Rows | None = None  # room for an epoch, and a program's padding

    def epoch(self, seed: int, epoch: int) -> "MemoryEpoch":
        """Shuffled by ``row_order``."""
        order = row_order(seed, epoch, len(self.rows))
        return MemoryEpoch(self, order, self._room(len(self.rows)))

    def _room(self, rows: int) -> Rows:
        """Rows to write an epoch into, the same for all: what they held is no more
        needed, and fresh memory costs more than the copy."""
        if self._shuffled is None or len(self._shuffled) < rows:
            self._shuffled = self.rows.empty(rows)
        return self._shuffled

    def padded(self, shuffled: Rows, rows: int) -> Rows:
        """The first ``rows`` of ``shuffled``, the last one repeated where it has fewer.

        A row that is no row (zeros) may have a loss of inf, and inf times a share of 0
        is not 0.
        """
        room = self._room(rows)
        if room is not shuffled:
            room.fill(shuffled[: len(self.rows)])
        room = room[:rows]
        if rows > len(self.rows):
            room.repeat_last(len(self.rows))
        return room


@final
class MemoryEpoch(Epoch):
    """One shuffled copy of the rows."""

    def __init__(self, feed: MemoryFeed, order: Tensor, room: Rows) -> None:
        self.feed, self.order, self.shuffled = feed, order, room
        room.fill(feed.rows, order.to(feed.rows.target.device))
        self._parts: list[Rows] | None = None
        self._asked = 0

    def part(self, step: int) -> Part:
        """A contiguous slice."""
        # All slices at once cost less each, but compiled epochs ask for one or two.
        if self._parts is None and self._asked > SLICED:
            self._parts = self.shuffled[: self.feed.starts[-1]].split(self.feed.starts)
        if self._parts is None:
            self._asked += 1
            rows = self.shuffled[self.feed.starts[step] : self.feed.starts[step + 1]]
        else:
            rows = self._parts[step]
        if rows.weights is None:
            return Part(rows, None)
        return Part(rows, rows.weights / (self.feed.mean_weight * len(rows)))

    def numbers(self, step: int) -> list[int]:
        """As they stand in the rows given."""
        found: list[int] = self.order[
            self.feed.starts[step] : self.feed.starts[step + 1]
        ].tolist()
        return found

    def blocks(self, steps: int, length: int, dtype: torch.dtype) -> "Blocks":
        """The first ``steps`` steps as blocks of ``length`` steps each."""
        feed, batch = self.feed, self.feed.batch
        blocks = steps // length
        end = feed.starts[steps]
        whole = blocks * length * batch
        rows = feed.padded(self.shuffled, whole)

        def shaped(value: Tensor) -> Tensor:
            return value.view(blocks, length, batch, *value.shape[1:])

        shares = torch.full((whole,), 1 / batch, dtype=dtype, device=rows.target.device)
        first = feed.starts[steps - 1]  # only the last step can be a shorter one
        shares[first:end] = 1 / (end - first)
        shares[end:] = 0
        if rows.weights is not None:
            shares[:end] *= rows.weights[:end] / feed.mean_weight
        return Blocks(
            Rows(shaped(rows.numbers), shaped(rows.categories), shaped(rows.target)),
            shares.view(blocks, length, batch),
        )


@dataclass(frozen=True)
class Blocks:
    """An epoch for compiled programs: everything (blocks, steps, rows, ...)."""

    rows: Rows
    shares: Tensor


@final
class LoaderFeed(Feed):
    """A user's iterable of batches: ``Rows``, (x, target) or (x, target, weights).

    Their reading, their order. A run that goes on in the middle of an epoch reads the
    batches before and lets them pass, so it is exact where an epoch's batches follow
    from its number. Seen to are, by seeds for each epoch and batch,

        torch's own generator      order and workers of a plain DataLoader
        ``generator=``             of the loader and its samplers, in place of their
                                   own seed; after the fit they are as before
        ``set_epoch``              of loader, samplers and dataset: from 0 on

    Not exact is what else remembers something: NumPy's and Python's global generators
    in this process, a sampler that counts, and what persistent workers draw, which go
    on where they were, while those of a new process begin anew.
    """

    def __init__(self, loader: Loader, device: torch.device) -> None:
        self.loader, self.device = loader, device
        try:
            self.steps = len(loader)  # type: ignore[arg-type]
        except TypeError:
            raise ConfigError(
                f"The {type(loader).__name__} does not say how many batches it has.",
                fix="give it __len__: schedules and the time left need the number",
            ) from None
        readers = _readers(loader)
        found = (getattr(reader, "generator", None) for reader in readers)
        alike = {id(g): g for g in found if isinstance(g, torch.Generator)}
        self.generators = tuple(alike.values())
        self.told = [r for r in readers if callable(getattr(r, "set_epoch", None))]
        with torch.random.fork_rng(devices=[]), as_they_were(self.generators):
            self._seed(0)  # persistent workers live on from here
            self.rows = Rows.of(next(iter(loader), None)).to(device)

    def epoch(self, seed: int, epoch: int) -> "LoaderEpoch":
        """A new iterator."""
        for reader in self.told:
            reader.set_epoch(epoch - 1)
        seeds = reading_seeds(seed, epoch, self.steps)
        self._seed(seeds[0])
        return LoaderEpoch(self.loader, self.device, seeds)

    def _seed(self, seed: int) -> None:
        torch.default_generator.manual_seed(seed)
        for number, generator in enumerate(self.generators):
            generator.manual_seed(seed + 1 + number)


@final
class LoaderEpoch(Epoch):
    """Batches one after the other; the last one can be asked for again."""

    def __init__(self, loader: Loader, device: torch.device, seeds: list[int]) -> None:
        self.device = device
        self.seeds = seeds
        self.batches = iter(loader)
        self.passed = 0
        self.batch: Any = None

    def part(self, step: int) -> Part:
        """The batch of ``step``; those before are let pass."""
        while self.passed <= step:
            # A loader draws its order when it is asked for an iterator or for the
            # first batch: both come from one seed.
            if self.passed:
                torch.default_generator.manual_seed(self.seeds[self.passed])
            self.batch = next(self.batches, None)
            if self.batch is None:
                raise DataError(
                    f"The loader ended after {self.passed} batches of an epoch, fewer "
                    "than it said.",
                    fix="let its __len__ give the number of batches it yields",
                )
            self.passed += 1
        rows = Rows.of(self.batch).to(self.device)
        if rows.weights is None:
            return Part(rows, None)
        return Part(rows, rows.weights / len(rows))

    def numbers(self, step: int) -> list[int]:
        """Only the loader knows."""
        return []


def _readers(loader: Loader) -> list[Any]:
    """The loader and what it reads by, each once."""
    sampler = getattr(loader, "sampler", None)
    batches = getattr(loader, "batch_sampler", None)
    inner = getattr(batches, "sampler", None)
    readers = (loader, sampler, batches, inner, getattr(loader, "dataset", None))
    return list({id(r): r for r in readers if r is not None}.values())


@contextmanager
def as_they_were(generators: Sequence[torch.Generator]) -> Iterator[None]:
    """Inside, generators may be seeded; afterwards they stand where they stood."""
    before = [generator.get_state() for generator in generators]
    try:
        yield
    finally:
        for generator, state in zip(generators, before, strict=True):
            generator.set_state(state)


def batch_starts(rows: int, batch: int) -> list[int]:
    """Where batches begin, and the end; a last batch of one row joins the one before.

    Batch norm has no statistics of a single row.

    >>> batch_starts(5, 2), batch_starts(6, 4)
    ([0, 2, 5], [0, 4, 6])
    """
    starts = list(range(0, rows, batch))
    if len(starts) > 1 and rows - starts[-1] == 1:
        starts.pop()
    return [*starts, rows]
