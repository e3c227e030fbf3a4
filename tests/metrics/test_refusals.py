"""What does not fit is refused, in words."""

import pytest
import torch
from torch import Tensor

from dovetail import metrics
from dovetail.errors import ConfigError, DataError, NotFiniteError
from dovetail.metrics import Metric
from dovetail.metrics._choices import whole_number

INDEX = torch.tensor([0, 1, 1])
PROBS = torch.tensor([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]])
CELL = torch.tensor([[0.9], [0.5], [0.2]])


@pytest.mark.parametrize(
    ("metric", "prediction", "truth", "words"),
    [
        (metrics.Accuracy(), PROBS, INDEX, "class indices"),
        (metrics.Accuracy(), INDEX, INDEX.float(), "class indices"),
        (metrics.Accuracy(), INDEX, INDEX[:2], "each row"),
        (metrics.Accuracy(), INDEX[:0], INDEX[:0], "at least one row"),
        (metrics.F1(), INDEX + 1, INDEX, "0 to 1, got 2 in the prediction"),
        (metrics.MCC(classes=2), INDEX, INDEX - 1, "0 to 1, got -1 in the truth"),
        (metrics.LogLoss(), PROBS, INDEX + 1, "0 to 1, got 2 in the truth"),
        (metrics.LogLoss(), PROBS * 9, INDEX, "probabilities in"),
        (metrics.LogLoss(), PROBS / 2, INDEX, "sum to 1"),
        (metrics.LogLoss(), CELL, CELL[:, 0], "class indices"),
        (metrics.LogLoss(), CELL[:, 0], CELL[:, 0], "class indices"),
        (metrics.LogLoss(), CELL, PROBS, "one shape"),
        (metrics.LogLoss(), CELL, CELL * 2, "0, 1 or a share"),
        (metrics.LogLoss(), PROBS, PROBS, "exclusive=True"),
        (metrics.Brier(), PROBS, PROBS, "exclusive=True"),
        (metrics.LogLoss(exclusive=True), PROBS, PROBS / 2, "truth that sum to 1"),
        (metrics.LogLoss(), CELL, CELL / 0, "infinite"),
        (metrics.CalibrationError(), PROBS, PROBS * float("nan"), "unknown cells"),
        (metrics.AUROC(), CELL, CELL * 2, "0, 1 or a share"),
        (metrics.AUROC(), CELL, INDEX, "C >= 2"),
        (metrics.RMSE(), CELL[:, 0], CELL[:, 0], r"\(n, m\)"),
        (metrics.RMSE(), CELL, CELL[:, 0], "one shape"),
        (metrics.RMSE(), CELL, CELL / 0, "infinite"),
        (metrics.PoissonDeviance(), -CELL, CELL, "means >= 0"),
        (metrics.PoissonDeviance(), CELL, -CELL, "counts >= 0"),
        (metrics.Hamming(), PROBS, (PROBS > 0.5).float(), "0 or 1"),
        (metrics.Hamming(), INDEX, INDEX, r"\(n, m\)"),
        (metrics.MacroF1(classes=3), PROBS.round(), PROBS.round(), "3 labels, got 2"),
        (metrics.PrecisionAt(k=3), PROBS, PROBS.round(), "3 labels or more"),
        (metrics.RelativeRMSE(scale=(1.0, 2.0)), CELL, CELL, "2 scales, the pred"),
        (
            metrics.OfColumn(metric=metrics.MAE(), column=1, label="b"),
            CELL,
            CELL,
            "needs a column 1",
        ),
        (metrics.R2(center=(1.0, 2.0)), CELL.repeat(1, 3), CELL.repeat(1, 3), "cent"),
    ],
)
def test_a_prediction_or_truth_that_does_not_fit(
    metric: Metric, prediction: Tensor, truth: Tensor, words: str
) -> None:
    with pytest.raises(DataError, match=words) as caught:
        metric(prediction, truth)
    assert caught.value.fix


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize(
    "metric",
    [metrics.LogLoss(), metrics.AUROC(), metrics.RMSE(), metrics.RankingLoss()],
    ids=lambda m: m.name,
)
def test_a_prediction_that_is_not_finite(metric: Metric, bad: float) -> None:
    with pytest.raises(NotFiniteError, match="finite"):
        metric(torch.full((3, 1), bad), torch.tensor([[0.0], [1.0], [1.0]]))


@pytest.mark.parametrize(
    "weights", [torch.ones(2), torch.tensor([1.0, -1.0, 1.0]), torch.zeros(3)]
)
@pytest.mark.parametrize("metric", [metrics.Brier(), metrics.AUROC()])
def test_weights_that_do_not_fit(metric: Metric, weights: Tensor) -> None:
    with pytest.raises(DataError, match="weight"):
        metric(CELL, torch.tensor([[1.0], [0.0], [1.0]]), weights)


@pytest.mark.parametrize("count", [0, -1, True, 2.0, "3", None])
def test_what_is_no_whole_number(count: object) -> None:
    with pytest.raises(ConfigError, match=r"Some needs a whole number k >= 1"):
        whole_number(count, "k", "Some")


@pytest.mark.parametrize("count", [0, -1, True])
def test_a_parameter_that_is_no_whole_number(count: int) -> None:
    for metric in (metrics.MCC, metrics.BalancedAccuracy, metrics.MacroF1):
        with pytest.raises(ConfigError, match="whole number"):
            metric(classes=count)
    for metric in (metrics.TopK, metrics.PrecisionAt):
        with pytest.raises(ConfigError, match="whole number"):
            metric(k=count)
    with pytest.raises(ConfigError, match="whole number"):
        metrics.CalibrationError(bins=count)


def test_half_precision_probabilities_pass() -> None:
    probs = torch.randn(100, 7).softmax(1)
    index = torch.randint(7, (100,))
    exact = metrics.LogLoss()(probs, index)
    assert metrics.LogLoss()(probs.half(), index) == pytest.approx(exact, rel=1e-3)
