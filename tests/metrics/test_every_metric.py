"""Every metric against scikit-learn or torchmetrics, and what all metrics promise."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial

import numpy as np
import pytest
import sklearn.metrics as sk
import torch
from numpy import ndarray
from torch import Tensor
from torchmetrics.functional.classification import binary_calibration_error
from torchmetrics.functional.retrieval import retrieval_precision

from dovetail import metrics
from dovetail.metrics import Metric, RankMetric, RowMetric

N, C, L, D = 240, 4, 5, 3

Reference = Callable[[ndarray, ndarray, ndarray], float]


@dataclass(frozen=True)
class Case:
    metric: Metric
    form: str  # how prediction and truth are made, see ``made``
    reference: Reference  # prediction, truth, weights -> value

    def __str__(self) -> str:
        return f"{type(self.metric).__name__}-{self.form}"


def made(form: str, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Prediction and truth of one form; every class and label occurs, ties included."""
    g = torch.Generator().manual_seed(seed)
    index = torch.randint(C, (N,), generator=g)
    noise = torch.randn(N, C, generator=g, dtype=torch.float64)
    hot = torch.nn.functional.one_hot(index, C)
    if form == "binary":
        truth = (index == 0).double().unsqueeze(1)
        return (noise[:, :1] + truth).sigmoid().mul(50).round().div(50), truth
    if form == "classes":
        return (noise + hot).softmax(1), index
    if form == "shares":
        return (noise + hot).softmax(1), (2 * noise.roll(1, 0) + hot).softmax(1)
    if form == "index":
        return (noise + hot).argmax(1), index
    if form == "yes/no":
        return ((noise + hot)[:, 0] > 0.5).long(), (index == 0).long()
    truth = (torch.rand(N, L, generator=g) < 0.4).double()
    raw = torch.randn(N, L, generator=g, dtype=torch.float64) + truth
    if form == "labels":
        return raw.sigmoid().mul(20).round().div(20), truth
    if form == "sets":
        return (raw > 0.5).long(), truth
    y = torch.randn(N, D, generator=g, dtype=torch.float64) * torch.tensor([1, 9, 0.1])
    p = y + torch.randn(N, D, generator=g, dtype=torch.float64)
    if form == "points":
        return p, y
    assert form == "counts"
    return p[:, :1].exp(), torch.poisson(y[:, :1].exp(), generator=g)


def weights_of(seed: int = 1) -> Tensor:
    """Whole numbers, so that a reference without weights can repeat rows."""
    g = torch.Generator().manual_seed(seed)
    return torch.randint(1, 4, (N,), generator=g).double()


def weighted(score: Callable[..., float], **options: object) -> Reference:
    return lambda p, y, w: score(y, p, sample_weight=w, **options)


def columns(score: Callable[..., float], total: Callable = np.mean) -> Reference:
    """``score`` of each column of probabilities against its 0/1 truth."""

    def reference(p: ndarray, y: ndarray, w: ndarray) -> float:
        y = y if y.ndim == 2 else np.eye(p.shape[1])[y]
        pairs = zip(p.T, y.T, strict=True)
        return total([score(b, a, sample_weight=w) for a, b in pairs])

    return reference


SCALE = (1.0, 9.0, 0.1)  # of the columns that ``made("points")`` makes


def relative(score: Callable[..., ndarray]) -> Reference:
    """The mean over columns of ``score`` in units of ``SCALE``."""

    def reference(p: ndarray, y: ndarray, w: ndarray) -> float:
        each = score(y, p, sample_weight=w, multioutput="raw_values")
        return float(np.mean(each / np.array(SCALE)))

    return reference


def log_loss(p: ndarray, y: ndarray, w: ndarray) -> float:
    return sk.log_loss(y, p, sample_weight=w, labels=range(p.shape[1]))


def shares_log_loss(p: ndarray, y: ndarray, w: ndarray) -> float:
    """A row of shares is a row of each class, with the share as weight."""
    classes = np.tile(np.arange(C), N)
    return log_loss(p.repeat(C, 0), classes, (w[:, None] * y).ravel())


def ece(p: ndarray, y: ndarray, w: ndarray) -> float:
    """Of classes: of the confidence; torchmetrics' own form of it is float32 only."""
    stated, came_true = (
        (p[:, 0], y[:, 0])
        if p.shape[1] == 1
        else (
            p.max(1),
            p.argmax(1) == y,
        )
    )
    rows = (np.repeat(part, w.astype(int)) for part in (stated, came_true))
    probs, truth = map(torch.tensor, rows)
    return float(binary_calibration_error(probs, truth.long(), n_bins=15))


def precision_at(k: int) -> Reference:
    def reference(p: ndarray, y: ndarray, w: ndarray) -> float:
        rows = [
            retrieval_precision(torch.tensor(a), torch.tensor(b).long(), top_k=k).item()
            for a, b in zip(p, y, strict=True)
        ]
        hits = np.round(np.array(rows) * k)  # float32 there, whole numbers on paper
        return float(np.average(hits / k, weights=w))

    return reference


def rps(p: ndarray, y: ndarray, w: ndarray) -> float:
    below = p.cumsum(1)
    scores = [
        sk.brier_score_loss(y <= j, below[:, j], sample_weight=w) for j in range(C - 1)
    ]
    return float(np.sum(scores))


def within_one(p: ndarray, y: ndarray, w: ndarray) -> float:
    return sk.accuracy_score(np.ones(N), abs(p - y) <= 1, sample_weight=w)


macro, micro, samples = (
    {"average": a, "zero_division": 0} for a in ("macro", "micro", "samples")
)
yes = {"zero_division": 0}
brier = sk.brier_score_loss

CASES = [
    Case(metrics.LogLoss(), "binary", columns(sk.log_loss)),
    Case(metrics.LogLoss(), "classes", log_loss),
    Case(metrics.LogLoss(), "labels", columns(sk.log_loss)),
    Case(metrics.LogLoss(exclusive=True), "shares", shares_log_loss),
    Case(metrics.Brier(), "binary", columns(brier)),
    Case(metrics.Brier(), "classes", columns(brier, np.sum)),
    Case(metrics.Brier(), "labels", columns(brier)),
    Case(
        metrics.Brier(exclusive=True),
        "shares",
        columns(sk.mean_squared_error, np.sum),
    ),
    Case(metrics.CalibrationError(), "binary", ece),
    Case(metrics.CalibrationError(), "classes", ece),
    Case(metrics.AUROC(), "binary", columns(sk.roc_auc_score)),
    Case(
        metrics.AUROC(),
        "classes",
        weighted(sk.roc_auc_score, multi_class="ovr"),
    ),
    Case(metrics.AUROC(), "labels", weighted(sk.roc_auc_score)),
    Case(metrics.AveragePrecision(), "binary", columns(sk.average_precision_score)),
    Case(metrics.AveragePrecision(), "classes", weighted(sk.average_precision_score)),
    Case(metrics.AveragePrecision(), "labels", weighted(sk.average_precision_score)),
    Case(metrics.RankingLoss(), "labels", weighted(sk.label_ranking_loss)),
    Case(metrics.TopK(k=2), "classes", weighted(sk.top_k_accuracy_score, k=2)),
    Case(metrics.PrecisionAt(k=3), "labels-no-ties", precision_at(3)),
    Case(metrics.RPS(), "classes", rps),
    Case(metrics.Accuracy(), "index", weighted(sk.accuracy_score)),
    Case(
        metrics.BalancedAccuracy(classes=C),
        "index",
        weighted(sk.balanced_accuracy_score),
    ),
    Case(metrics.MCC(classes=C), "index", weighted(sk.matthews_corrcoef)),
    Case(metrics.MCC(classes=2), "yes/no", weighted(sk.matthews_corrcoef)),
    Case(metrics.Precision(), "yes/no", weighted(sk.precision_score, **yes)),
    Case(metrics.Recall(), "yes/no", weighted(sk.recall_score, **yes)),
    Case(
        metrics.Specificity(),
        "yes/no",
        weighted(sk.recall_score, pos_label=0, **yes),
    ),
    Case(metrics.F1(), "yes/no", weighted(sk.f1_score, **yes)),
    *(
        Case(metric(classes=k), form, weighted(score, **macro))
        for metric, score in (
            (metrics.MacroPrecision, sk.precision_score),
            (metrics.MacroRecall, sk.recall_score),
            (metrics.MacroF1, sk.f1_score),
        )
        for form, k in (("index", C), ("sets", L))
    ),
    Case(metrics.MicroPrecision(), "sets", weighted(sk.precision_score, **micro)),
    Case(metrics.MicroRecall(), "sets", weighted(sk.recall_score, **micro)),
    Case(metrics.MicroF1(), "sets", weighted(sk.f1_score, **micro)),
    Case(metrics.SamplePrecision(), "sets", weighted(sk.precision_score, **samples)),
    Case(metrics.SampleRecall(), "sets", weighted(sk.recall_score, **samples)),
    Case(metrics.SampleF1(), "sets", weighted(sk.f1_score, **samples)),
    Case(metrics.Hamming(), "sets", weighted(sk.hamming_loss)),
    Case(metrics.SubsetAccuracy(), "sets", weighted(sk.accuracy_score)),
    Case(metrics.RankError(), "index", weighted(sk.mean_absolute_error)),
    Case(metrics.WithinOne(), "index", within_one),
    Case(
        metrics.QuadraticKappa(classes=C),
        "index",
        lambda p, y, w: sk.cohen_kappa_score(
            y, p, weights="quadratic", sample_weight=w
        ),
    ),
    Case(metrics.RMSE(), "points", weighted(sk.root_mean_squared_error)),
    Case(metrics.MAE(), "points", weighted(sk.mean_absolute_error)),
    Case(metrics.R2(), "points", weighted(sk.r2_score)),
    Case(
        metrics.RelativeRMSE(scale=SCALE),
        "points",
        relative(sk.root_mean_squared_error),
    ),
    Case(metrics.RelativeMAE(scale=SCALE), "points", relative(sk.mean_absolute_error)),
    Case(
        metrics.OfColumn(metric=metrics.R2(), column=1, label="b"),
        "points",
        lambda p, y, w: sk.r2_score(y[:, 1], p[:, 1], sample_weight=w),
    ),
    Case(metrics.Pinball(tau=0.8), "points", weighted(sk.mean_pinball_loss, alpha=0.8)),
    Case(
        metrics.CoverageGap(tau=0.8),
        "points",
        lambda p, y, w: float(
            np.abs(np.average(y <= p, axis=0, weights=w) - 0.8).mean()
        ),
    ),
    Case(
        metrics.PoissonDeviance(),
        "counts",
        lambda p, y, w: sk.mean_poisson_deviance(y[:, 0], p[:, 0], sample_weight=w),
    ),
]

# A row with fewer labels than these look for has less than 1, however it is predicted.
NEED_LABELS = (
    metrics.PrecisionAt,
    metrics.SampleF1,
    metrics.SamplePrecision,
    metrics.SampleRecall,
)

every_case = pytest.mark.parametrize("case", CASES, ids=str)
close = partial(pytest.approx, rel=1e-10, abs=1e-10)


def rows_of(case: Case) -> tuple[Tensor, Tensor]:
    form, no_ties, _ = case.form.partition("-no-ties")
    prediction, truth = made(form)
    if no_ties:  # torchmetrics breaks ties in an order of its own
        prediction = prediction + torch.rand(prediction.shape).double() / 1e4
    return prediction, truth


def classes() -> list[type[Metric]]:
    found = (getattr(metrics, name) for name in metrics.__all__)
    return [
        c
        for c in found
        if inspect.isclass(c) and issubclass(c, Metric) and not inspect.isabstract(c)
    ]


def test_every_metric_stands_among_the_cases() -> None:
    assert {type(case.metric) for case in CASES} == set(classes())


@pytest.mark.parametrize("metric", classes(), ids=lambda c: c.__name__)
def test_a_metric_is_final_frozen_and_documented(metric: type[Metric]) -> None:
    assert getattr(metric, "__final__", False)
    assert ">>>" in inspect.getdoc(metric)
    assert all(f.kw_only for f in fields(metric))
    assert metric.takes in ("probs", "decision", "point")


@every_case
@pytest.mark.parametrize("counted", [False, True], ids=["plain", "weighted"])
def test_equals_the_reference(case: Case, counted: bool) -> None:
    prediction, truth = rows_of(case)
    weights = weights_of() if counted else None
    given = np.ones(N) if weights is None else weights.numpy()
    wanted = case.reference(prediction.numpy(), truth.numpy(), given)
    assert case.metric(prediction, truth, weights) == close(wanted)


@every_case
def test_a_weight_of_two_is_the_row_twice(case: Case) -> None:
    prediction, truth = rows_of(case)
    weights = torch.ones(N)
    weights[:50] = 2
    twice = torch.cat([torch.arange(N), torch.arange(50)])
    assert case.metric(prediction, truth, weights) == close(
        case.metric(prediction[twice], truth[twice])
    )


@every_case
def test_a_weight_of_zero_is_the_row_left_out(case: Case) -> None:
    prediction, truth = rows_of(case)
    weights = torch.ones(N)
    weights[:50] = 0
    assert case.metric(prediction, truth, weights) == close(
        case.metric(prediction[50:], truth[50:])
    )


@every_case
def test_the_order_of_rows_and_the_scale_of_weights_do_not_matter(case: Case) -> None:
    prediction, truth = rows_of(case)
    weights, order = weights_of(), torch.randperm(N)
    assert case.metric(prediction, truth, weights) == close(
        case.metric(prediction[order], truth[order], weights[order] / 7)
    )


@every_case
def test_halves_merge_to_the_whole(case: Case) -> None:
    if not isinstance(case.metric, RowMetric):
        pytest.skip("a metric of ranks needs all rows at once")
    prediction, truth = rows_of(case)
    metric = case.metric
    parts = [
        metric.statistics(prediction[rows], truth[rows])
        for rows in (slice(0, 70), slice(70, None))
    ]
    assert all(part.dtype == torch.float64 for part in parts)
    merged = metric.value(parts[0].sum(0) + parts[1].sum(0))
    assert float(merged) == close(metric(prediction, truth))


@every_case
def test_many_weightings_at_once_equal_one_by_one(case: Case) -> None:
    prediction, truth = rows_of(case)
    weights = torch.stack([weights_of(seed) for seed in range(3)])
    weights[1, ::2] = 0
    if isinstance(case.metric, RankMetric):
        together = case.metric.ranked(prediction, truth, weights)
    else:
        together = case.metric.value(
            weights @ case.metric.statistics(prediction, truth)
        )
    alone = [case.metric(prediction, truth, w) for w in weights]
    assert together.tolist() == close(alone)


@every_case
def test_a_perfect_prediction_is_best_and_none_is_better(case: Case) -> None:
    prediction, truth = rows_of(case)
    metric, value = case.metric, case.metric(prediction, truth)
    if case.form == "shares":
        pytest.skip("log loss of shares is least at their entropy")
    if isinstance(metric, metrics.CoverageGap):
        pytest.skip("a quantile has a share of the truths above it, by design")
    if case.form == "counts":
        truth = truth + 1  # a mean of 0 is no perfect prediction, only its limit
    if metric.takes == "probs" and truth.ndim == 1:
        perfect = torch.nn.functional.one_hot(truth, C).double()
    else:
        perfect = truth.to(prediction.dtype)
    if isinstance(metric, NEED_LABELS):
        some = truth.sum(1) >= getattr(metric, "k", 1)
        perfect, truth = perfect[some], truth[some]
    assert metric(perfect, truth) == pytest.approx(metric.best, abs=1e-12)
    assert value < 1 if metric.higher_is_better else value > 0
