"""Names of metrics, and from text to metric."""

import pytest

from dovetail import metrics
from dovetail.errors import ConfigError

KNOWN = (metrics.LogLoss(), metrics.Accuracy(), metrics.AUROC(), metrics.TopK(k=5))


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        (metrics.LogLoss(), "log_loss"),
        (metrics.AUROC(), "auroc"),
        (metrics.F1(), "f1"),
        (metrics.R2(), "r2"),
        (metrics.MicroF1(), "micro_f1"),
        (metrics.MCC(classes=3), "mcc"),
        (metrics.RankError(), "mae"),
        (metrics.MAE(), "mae"),
        (metrics.QuadraticKappa(classes=3), "qwk"),
        (metrics.TopK(k=5), "top5_accuracy"),
        (metrics.PrecisionAt(k=3), "precision_at_3"),
        (metrics.PoissonDeviance(), "poisson_deviance"),
        (metrics.RelativeRMSE(scale=(1.0,)), "relative_rmse"),
        (metrics.RelativeMAE(scale=(1.0,)), "relative_mae"),
        (metrics.Pinball(tau=0.9), "pinball"),
        (metrics.CoverageGap(tau=0.9), "coverage_gap"),
        (metrics.OfColumn(metric=metrics.R2(), column=0, label="価格"), "r2_価格"),
    ],
)
def test_names(metric: metrics.Metric, name: str) -> None:
    assert metric.name == name


@pytest.mark.parametrize("text", ["log_loss", "LogLoss", "log-loss", "Log Loss"])
def test_any_spelling_finds_the_metric(text: str) -> None:
    assert metrics.by_name(text, KNOWN) is KNOWN[0]


def test_a_parameter_comes_from_the_task() -> None:
    assert metrics.by_name("top5-accuracy", KNOWN).k == 5


def test_an_unknown_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'accuracy'") as caught:
        metrics.by_name("acuracy", KNOWN)
    assert "log_loss, accuracy, auroc, top5_accuracy" in caught.value.fix


def test_best() -> None:
    assert [metric.best for metric in KNOWN] == [0, 1, 1, 1]
