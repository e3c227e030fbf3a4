"""The reported numbers are scikit-learn's; the figures count what they say."""

import numpy as np
import pytest
import torch
from sklearn import metrics as sk

from dovetail import report, tasks
from dovetail.report.evaluate import MOST_POINTS

RNG = np.random.default_rng(7)
N = 500


def values(measured: dict) -> dict[str, float]:
    return {name: found["value"] for name, found in measured.items()}


def test_binary_numbers_are_scikit_learns() -> None:
    truth = RNG.integers(0, 2, N)
    raw = torch.tensor(truth[:, None] * 1.5 + RNG.normal(0, 1, (N, 1)) - 0.5)
    weights = RNG.integers(0, 4, N).astype(float)
    task = tasks.Binary.from_targets(truth)
    found = report.evaluate(
        task, raw, task.encode(truth), weights=torch.tensor(weights), intervals=False
    )
    probs = 1 / (1 + np.exp(-raw[:, 0].numpy()))
    decided = (probs > 0.5).astype(int)
    expected = {
        "log_loss": sk.log_loss(truth, probs, sample_weight=weights),
        "accuracy": sk.accuracy_score(truth, decided, sample_weight=weights),
        "auroc": sk.roc_auc_score(truth, probs, sample_weight=weights),
        "f1": sk.f1_score(truth, decided, sample_weight=weights),
        "mcc": sk.matthews_corrcoef(truth, decided, sample_weight=weights),
    }
    for name, value in expected.items():
        assert found[name]["value"] == pytest.approx(value, abs=1e-12), name
    share = (truth.sum() + 1) / (N + 2)  # the constant that the bias stands for
    constant = np.full(N, share)
    assert found["log_loss"]["baseline"] == pytest.approx(
        sk.log_loss(truth, constant, sample_weight=weights), rel=1e-6
    )
    assert found["auroc"]["baseline"] == pytest.approx(0.5)
    assert found["auroc"]["higher_is_better"]
    assert not found["log_loss"]["higher_is_better"]


def test_regression_numbers_are_scikit_learns() -> None:
    truth = RNG.normal(50, 10, (N, 2))
    columns = {"a": truth[:, 0], "b": truth[:, 1]}
    task = tasks.Regression.from_targets(columns)
    target = task.encode(columns)
    raw = target + torch.tensor(RNG.normal(0, 0.3, (N, 2)))
    found = values(report.evaluate(task, raw, target, intervals=False))
    predicted = task.point(raw).numpy()
    assert found["r2"] == pytest.approx(sk.r2_score(truth, predicted), abs=1e-5)
    mae = sk.mean_absolute_error(truth, predicted)
    assert found["mae"] == pytest.approx(mae, rel=1e-5)


def test_interval_holds_the_value_and_depends_on_the_seed_alone() -> None:
    truth = RNG.integers(0, 3, N)
    task = tasks.Multiclass.from_targets(truth)
    raw = torch.nn.functional.one_hot(torch.tensor(truth), 3) + torch.tensor(
        RNG.normal(0, 1, (N, 3))
    )
    once = report.evaluate(task, raw, task.encode(truth), seed=1)
    assert report.evaluate(task, raw, task.encode(truth), seed=1) == once
    assert report.evaluate(task, raw, task.encode(truth), seed=2) != once
    accuracy = once["accuracy"]
    assert accuracy["low"] < accuracy["value"] < accuracy["high"]
    # A binomial share of 500 rows: the interval is about 4 standard errors wide.
    error = (accuracy["value"] * (1 - accuracy["value"]) / N) ** 0.5
    width = accuracy["high"] - accuracy["low"]
    assert width == pytest.approx(3.92 * error, rel=0.2)


def test_baseline_may_be_given_for_all_rows_or_each() -> None:
    truth = RNG.normal(0, 1, N)
    task = tasks.Regression.from_targets(truth)
    target = task.encode(truth)
    raw = torch.zeros(N, 1)
    each = torch.tensor(RNG.normal(0, 1, (N, 1)))
    options = {"intervals": False}
    one = report.evaluate(task, raw, target, constant=torch.tensor([0.5]), **options)
    row = report.evaluate(task, raw, target, constant=each, **options)
    at = report.evaluate(task, torch.full((N, 1), 0.5), target, **options)
    per = report.evaluate(task, each, target, **options)
    assert one["rmse"]["baseline"] == at["rmse"]["value"]
    assert row["rmse"]["baseline"] == per["rmse"]["value"]
    unlearnt = tasks.Regression()
    assert report.evaluate(unlearnt, raw, target, **options)["mae"]["baseline"] is None


def test_what_does_not_exist_is_none() -> None:
    task = tasks.Binary((0, 1))
    found = report.evaluate(task, torch.zeros(3, 1), torch.ones(3, 1), intervals=False)
    assert found["auroc"]["value"] is None


def test_float32_raw_is_measured_in_float64() -> None:
    truth = RNG.integers(0, 2, N)
    task = tasks.Binary.from_targets(truth)
    raw = torch.tensor(RNG.normal(0, 1, (N, 1)), dtype=torch.float32)
    target = task.encode(truth)
    assert report.evaluate(task, raw, target) == report.evaluate(
        task, raw.double(), target
    )


# -- figures --------------------------------------------------------------------------


def test_confusion_is_scikit_learns() -> None:
    truth = RNG.integers(0, 5, N)
    task = tasks.Multiclass.from_targets(truth)
    raw = torch.tensor(RNG.normal(0, 1, (N, 5)))
    found = report.figures(task, raw, task.encode(truth))["confusion"]
    expected = sk.confusion_matrix(truth, raw.argmax(1))
    assert found == {"labels": [0, 1, 2, 3, 4], "counts": expected.tolist()}


def test_a_class_that_never_occurs_keeps_its_row() -> None:
    task = tasks.Binary(("no", "yes"))
    found = report.figures(task, torch.ones(3, 1), torch.ones(3, 1))
    assert found["confusion"]["counts"] == [[0, 0], [0, 3]]


@pytest.mark.parametrize(("classes", "drawn"), [(200, True), (201, False)])
def test_too_many_classes_are_not_counted(classes: int, drawn: bool) -> None:
    task = tasks.Multiclass(tuple(range(classes)))
    found = report.figures(task, torch.zeros(3, classes), torch.zeros(3).long())
    assert ("confusion" in found) is drawn


def test_labels_are_scikit_learns_and_unknown_cells_do_not_count() -> None:
    truth = (RNG.random((N, 3)) < [0.5, 0.2, 0.0]).astype(float)
    task = tasks.MultiLabel(("a", "b", "never"))
    raw = torch.tensor(RNG.normal(0, 1, (N, 3)))
    raw[:, 2] = -1.0
    rows = report.figures(task, raw, torch.tensor(truth))["labels"]
    decided = (raw > 0).numpy()
    for j in range(2):
        precision, recall, f1, _ = sk.precision_recall_fscore_support(
            truth[:, j], decided[:, j], average="binary"
        )
        assert rows[j]["positives"] == truth[:, j].sum()
        assert rows[j]["precision"] == pytest.approx(precision)
        assert rows[j]["recall"] == pytest.approx(recall)
        assert rows[j]["f1"] == pytest.approx(f1)
    assert rows[2] == {
        "label": "never", "positives": 0, "precision": None, "recall": None, "f1": None
    }  # fmt: skip
    hidden = torch.tensor(truth)
    hidden[N // 2 :] = torch.nan
    half = report.figures(task, raw[: N // 2], torch.tensor(truth)[: N // 2])
    assert report.figures(task, raw, hidden) == half


def test_points_are_in_the_targets_units_and_at_most_2000() -> None:
    truth = RNG.normal(1000, 50, 3000)
    task = tasks.Regression.from_targets(truth)
    target = task.encode(truth)
    found = report.figures(task, target, target, name="price")["points"]["price"]
    assert len(found["true"]) == len(found["predicted"]) == MOST_POINTS
    assert found["true"] == pytest.approx(found["predicted"])
    assert 900 < np.mean(found["true"]) < 1100
    assert len(set(found["true"])) > 1990  # rows are drawn once each
    again = report.figures(task, target, target, name="price")["points"]["price"]
    assert again == found


def test_points_of_several_columns_have_their_names() -> None:
    columns = {"a": [1.0, 2.0], "b": [5.0, 9.0]}
    task = tasks.Regression.from_targets(columns)
    target = task.encode(columns)
    found = report.figures(task, target, target)["points"]
    assert list(found) == ["a", "b"]
    assert found["b"]["true"] == pytest.approx([5.0, 9.0])


def test_a_task_that_is_added_is_drawn_by_its_views() -> None:
    class Twice:
        """No task of ours; its answers are the raw outputs."""

        columns = ()

        def views(self, raw, target):
            return {"point": (raw, target)}

    raw, target = torch.ones(2, 1), torch.zeros(2, 1)
    assert report.figures(Twice(), raw, target, name="a") == {
        "points": {"a": {"true": [0.0, 0.0], "predicted": [1.0, 1.0]}}
    }
