"""The doctor as a skorch callback: ``NeuralNetClassifier(callbacks=[Doctor()])``."""

from typing import Any

from skorch.callbacks import Callback

from dovetail.diagnose.watching import Watch


class Doctor(Callback):  # type: ignore[misc, unused-ignore]
    """Looks on during the training steps; warns at the end of the fit.

    ``findings_`` holds what was found, errors first.
    """

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        self.watch_ = Watch(net.module_, net.criterion_, net.optimizer_)

    def on_batch_begin(self, net: Any, training: bool = False, **kwargs: Any) -> None:
        if training:
            self.watch_.start()

    def on_batch_end(self, net: Any, training: bool = False, **kwargs: Any) -> None:
        if training:
            self.watch_.stop()

    def on_train_end(self, net: Any, **kwargs: Any) -> None:
        self.findings_ = self.watch_.end()
