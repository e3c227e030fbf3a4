"""Losses that people know from torch, Keras and scikit-learn, and that are not here.

Who asks for one is told so; a suggestion would offer a loss of a similar name.
"""

from typing import Final

from dovetail import _names

_KNOWN: Final = frozenset(
    _names.key(name)
    for name in (
        # torch
        "AdaptiveLogSoftmaxWithLoss",
        "CosineEmbeddingLoss",
        "CTCLoss",
        "GaussianNLLLoss",
        "HingeEmbeddingLoss",
        "KLDivLoss",
        "LinearCrossEntropyLoss",
        "MarginRankingLoss",
        "MultiLabelMarginLoss",
        "MultiMarginLoss",
        "TripletMarginLoss",
        "TripletMarginWithDistanceLoss",
        "kl_div",
        "sigmoid_focal_loss",
        # Keras
        "BinaryFocalCrossentropy",
        "CategoricalFocalCrossentropy",
        "CategoricalGeneralizedCrossEntropy",
        "CategoricalHinge",
        "Circle",
        "CosineSimilarity",
        "CTC",
        "Dice",
        "Hinge",
        "KLDivergence",
        "MeanAbsolutePercentageError",
        "MeanSquaredLogarithmicError",
        "SquaredHinge",
        "Tversky",
        "mape",
        "msle",
        # scikit-learn and boosting libraries
        "epsilon_insensitive",
        "exponential",
        "gamma",
        "modified_huber",
        "perceptron",
        "squared_epsilon_insensitive",
        "tweedie",
        # papers
        "ArcFace",
        "asymmetric",
        "ASL",
        "CORAL",
        "focal",
        "LDAM",
        "negative_binomial",
        "NTXent",
        "Poly1",
        "ZLPR",
    )
)


def known_elsewhere(name: str) -> bool:
    """Is it a loss that other libraries have and this version has not?

    >>> known_elsewhere("focal_loss"), known_elsewhere("hubber")
    (True, False)
    """
    bare = _names.key(name)
    return bare in _KNOWN or bare.removesuffix("loss") in _KNOWN
