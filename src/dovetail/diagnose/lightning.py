"""The doctor as a Lightning callback: ``Trainer(callbacks=[Doctor()])``."""

from typing import Any

from lightning.pytorch import Callback

from dovetail.diagnose.watching import Watch
from dovetail.doctor._base import Finding


class Doctor(Callback):  # type: ignore[misc, unused-ignore]
    """Looks on during the training steps; warns at the end of the fit."""

    def __init__(self) -> None:
        self._watch: Watch | None = None

    @property
    def findings(self) -> list[Finding]:
        """What has been found so far; errors first."""
        return [] if self._watch is None else self._watch.findings

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        self._watch = Watch(pl_module, optimizer=list(trainer.optimizers))

    def on_train_batch_start(self, *args: Any, **kwargs: Any) -> None:
        if self._watch is not None:
            self._watch.start()

    def on_train_batch_end(self, *args: Any, **kwargs: Any) -> None:
        if self._watch is not None:
            self._watch.stop()

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        if self._watch is not None:
            self._watch.end()

    def on_exception(self, trainer: Any, pl_module: Any, exception: Any) -> None:
        if self._watch is not None:
            self._watch.end(exception)
