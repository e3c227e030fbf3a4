"""What a run gives: a network with what was learnt for it, and how training went."""

from dataclasses import dataclass
from statistics import median
from typing import Any, final

import torch
from torch import Tensor, nn

from dovetail._phrases import Phrase, Said, joined
from dovetail.data import Features, Schema
from dovetail.estimator.config import Config
from dovetail.estimator.networks import own_class
from dovetail.tasks import Task
from dovetail.train import Choices, Trained, row_outputs, threads

_LAST = Said(" of the last model", "（最终模型）")
_FOLD = Phrase(" of fold {fold}", "（第 {fold} 折）")
_DIVERGED = Phrase(
    "Member {number}{place} diverged and is left out. {why}",
    "成员 {number}{place}发散，已剔除。{why}",
)


@final
@dataclass(frozen=True)
class Fitted:
    """One trained network, or an ensemble of those members that did not diverge."""

    task: Task
    schema: Schema
    network: nn.Module
    spec: dict[str, Any]
    trained: tuple[Trained, ...]  # of each member; those that diverged too
    start_loss: float  # mean over the training rows, of the bias alone
    fold: int | str | None = None  # its number, or "all" after folds

    @property
    def kept(self) -> list[Trained]:
        """Of the members that the network consists of."""
        return [one for one in self.trained if one.stopped != "diverged"]

    @property
    def best_epochs(self) -> list[int]:
        """Of each member that was kept."""
        return [one.best_epoch for one in self.kept]

    @property
    def best_epoch(self) -> int:
        """The members' median; that of the only network."""
        return round(median(self.best_epochs))

    @property
    def epochs(self) -> int:
        """How many were trained; of members the largest number."""
        return max(len(one.history) for one in self.kept)

    @property
    def stopped(self) -> str:
        """Why training ended: "early" only where every member did."""
        reasons = {one.stopped for one in self.kept}
        return next(why for why in ("time", "epochs", "early") if why in reasons)

    @property
    def clipped(self) -> float:
        """The share of clipped steps; the members' mean."""
        return sum(one.clipped for one in self.kept) / len(self.kept)

    @property
    def history(self) -> list[dict[str, Any]]:
        """A line for each epoch, of each member where there are several."""
        several = len(self.trained) > 1
        return [
            {"fold": self.fold, **({"member": number} if several else {}), **line}
            for number, one in enumerate(self.trained, start=1)
            for line in one.history
        ]

    @property
    def notes(self) -> list[str]:
        """What the report should tell; of a member that is left out, why."""
        told = list(dict.fromkeys(note for one in self.kept for note in one.notes))
        places: dict[int | str | None, str] = {None: "", "all": _LAST}
        place = places.get(self.fold, _FOLD(fold=self.fold))
        for number, one in enumerate(self.trained, start=1):
            if one.stopped == "diverged":
                why = joined(note for note in one.notes if note not in told)
                told.append(_DIVERGED(number=number, place=place, why=why))
        return told

    @property
    def choices(self) -> Choices | None:
        """How the steps were computed; the members share it."""
        return self.trained[0].choices

    @property
    def threads(self) -> int | None:
        """How many threads it was trained with: its answers depend on them."""
        return None if self.choices is None else self.choices.threads

    def as_computed(self, config: Config) -> Config:
        """``config`` with what was chosen where it was left open."""
        used = {} if self.choices is None else self.choices.to_json()
        return config.model_copy(update=used)

    def answers(self, features: Features) -> tuple[Tensor, Tensor]:
        """Raw outputs of the network, and of the best constant, both (n, k)."""
        with threads(self.threads):
            raw = row_outputs(
                self.network,
                features.numbers,
                features.categories,
                precise=not own_class(self.spec),
            )
        constant = torch.tensor(self.task.bias, dtype=torch.float64)
        return raw.double(), constant.expand(raw.shape)
