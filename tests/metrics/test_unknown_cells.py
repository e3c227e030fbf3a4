"""A NaN in a truth of cells is unknown and does not count."""

import pytest
import sklearn.metrics as sk
import torch
from torch import Tensor

from dovetail import metrics
from dovetail.metrics import Metric

NAN = float("nan")
LABELS: tuple[Metric, ...] = (
    metrics.Hamming(),
    metrics.SubsetAccuracy(),
    metrics.MicroF1(),
    metrics.MicroPrecision(),
    metrics.MicroRecall(),
    metrics.MacroF1(classes=3),
    metrics.MacroPrecision(classes=3),
    metrics.MacroRecall(classes=3),
    metrics.SampleF1(),
    metrics.SamplePrecision(),
    metrics.SampleRecall(),
)
PROBS: tuple[Metric, ...] = (
    metrics.LogLoss(),
    metrics.Brier(),
    metrics.AUROC(),
    metrics.AveragePrecision(),
    metrics.RankingLoss(),
    metrics.PrecisionAt(k=2),
)
POINTS: tuple[Metric, ...] = (
    metrics.RMSE(),
    metrics.MAE(),
    metrics.R2(),
    metrics.PoissonDeviance(),
    metrics.RelativeRMSE(scale=(1.0, 2.0, 3.0)),
    metrics.RelativeMAE(scale=(1.0, 2.0, 3.0)),
    metrics.OfColumn(metric=metrics.RMSE(), column=2, label="c"),
    metrics.Pinball(tau=0.3),
    metrics.CoverageGap(tau=0.3),
)


def rows(metric: Metric) -> tuple[Tensor, Tensor]:
    truth = (torch.rand(60, 3) < 0.5).double()
    probs = torch.rand(60, 3, dtype=torch.float64)
    if metric.takes == "decision":
        return (probs > 0.5).long(), truth
    if metric.takes == "point":
        return probs + 0.1, truth * 3
    return probs, truth


@pytest.mark.parametrize("metric", [*LABELS, *PROBS, *POINTS], ids=lambda m: m.name)
class TestUnknown:
    def test_rows_without_a_known_cell_are_left_out(self, metric: Metric) -> None:
        prediction, truth = rows(metric)
        truth[40:] = NAN
        known = metric(prediction[:40], truth[:40])
        assert metric(prediction, truth) == pytest.approx(known, rel=1e-12)

    def test_what_is_predicted_in_an_unknown_cell_does_not_count(
        self, metric: Metric
    ) -> None:
        prediction, truth = rows(metric)
        hidden = torch.rand(60, 3) < 0.3
        truth[hidden] = NAN
        other = torch.where(hidden, 1 - prediction.clamp(0, 1), prediction)
        assert not torch.equal(other, prediction)
        assert metric(other, truth) == metric(prediction, truth)

    def test_nothing_known_is_zero_or_nan_and_no_crash(self, metric: Metric) -> None:
        prediction, truth = rows(metric)
        value = metric(prediction, torch.full_like(truth, NAN))
        assert value == 0 or (metric.name == "auroc" and value != value)


def test_a_column_with_gaps_is_scored_on_its_known_rows() -> None:
    p, y = torch.rand(50, 2).double(), torch.rand(50, 2).double()
    y[20:, 1] = NAN
    wanted = [sk.r2_score(y[:, 0], p[:, 0]), sk.r2_score(y[:20, 1], p[:20, 1])]
    assert metrics.R2()(p, y) == pytest.approx(sum(wanted) / 2, rel=1e-12)


def test_log_loss_is_a_mean_of_rows_and_brier_of_cells() -> None:
    # Row 0: three cells at p = 1/2, row 1: one cell at p = 1/4, a 1.
    p = torch.tensor([[0.5, 0.5, 0.5], [0.25, 0.9, 0.9]]).double()
    y = torch.tensor([[1.0, 0.0, 1.0], [1.0, NAN, NAN]]).double()
    # (log 2 + log 4) / 2 = 1.5 log 2; (3/4 + 9/16) / 4 = 21/64
    assert metrics.LogLoss()(p, y) == pytest.approx(1.0397207708399179)
    assert metrics.Brier()(p, y) == pytest.approx(21 / 64)


def test_a_label_without_a_positive_is_left_out_of_the_mean() -> None:
    p = torch.rand(30, 2).double()
    y = (torch.rand(30, 2) < 0.5).double()
    y[:, 1] = 0
    first = (p[:, :1], y[:, :1])
    assert metrics.AUROC()(p, y) == metrics.AUROC()(*first)
    assert metrics.AveragePrecision()(p, y) == metrics.AveragePrecision()(*first)


def test_unknown_labels_do_not_take_a_place_among_the_k() -> None:
    p = torch.tensor([[0.9, 0.8, 0.7, 0.1]])
    y = torch.tensor([[NAN, 1.0, 0.0, 1.0]])
    assert metrics.PrecisionAt(k=2)(p, y) == 0.5  # of labels 1 and 2
    assert metrics.PrecisionAt(k=4)(p, y) == pytest.approx(2 / 3)
