"""scikit-learn's door: ``Classifier`` and ``Regressor``.

They validate as scikit-learn does, then do what ``dovetail.fit`` does; a fitted one
holds the ``Model`` and answers through it.
"""

from dovetail.sklearn.classifier import Classifier
from dovetail.sklearn.regressor import Regressor

__all__ = ["Classifier", "Regressor"]
