"""dovetail and its peers, each as a function that learns and predicts.

Every one gets the same frames. Peers are used as their documentation says, with their
defaults; what is set is set here, for everyone to see. A method predicts probabilities
(n, C) in the order of the sorted classes, or numbers (n,).
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.tabular.judged import Judged

Fitted = Callable[[pd.DataFrame], np.ndarray]
Method = Callable[[Judged, int], Fitted]

THREADS = 2


def dovetail(preset: str) -> Method:
    from dovetail import fit  # loads the library before the clock runs

    def learn(table: Judged, seed: int) -> Fitted:
        def with_target(frame: pd.DataFrame, y: np.ndarray) -> pd.DataFrame:
            return frame.assign(__target=y)

        # The rows to judge on are given as the file for the score: nothing is chosen
        # on them, and all others may be learnt from, as the peers do.
        model = fit(
            with_target(table.train, table.y_train),
            target="__target",
            test=with_target(table.test, table.y_test),
            task=_task(table),
            preset=preset,
            seed=seed,
        )
        if table.classes is None:
            return lambda frame: model.predict(frame).to_numpy().ravel()
        labels = [str(label) for label in table.classes]
        return lambda frame: _columns(
            model.predict_proba(frame), model.task.labels, labels
        )

    return learn


def _task(table: Judged) -> str | None:
    """Numbers are a regression, whatever else they could be; labels say it themselves."""
    return None if table.classes is not None else "regression"
