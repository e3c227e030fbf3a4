"""Numbers of the data in the chain, against numpy and scikit-learn, or by hand."""

import math
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from scipy import stats
from sklearn.dummy import DummyClassifier
from sklearn.metrics import log_loss, matthews_corrcoef

import dovetail as dt
from dovetail import losses, report, tasks
from dovetail.losses._known import KNOWN
from dovetail.report import balance, co_occurrence, columns, meanings, neighbours
from dovetail.report.outputs import outputs
from dovetail.report.runners_up import WHAT_CHANGES


def told(task: tasks.Task, values: object) -> str:
    return balance.balance(task, task.truth(values))


# -- labels ---------------------------------------------------------------------------

SETS = {  # 8 rows, worked by hand
    "a": [1, 1, 1, 1, 0, 0, 0, 0],
    "b": [1, 1, 1, 0, 0, 0, 0, 0],
    "c": [0, 0, 0, 0, 1, 1, 0, 0],
}


def test_sets_of_labels_by_hand() -> None:
    task = tasks.MultiLabel.from_targets({k: v * 25 for k, v in SETS.items()})
    text = told(task, {k: v * 25 for k, v in SETS.items()})
    assert "200 rows and 3 labels" in text
    assert "1.125 labels a row" in text  # 9 ones in 8 rows
    assert "37.5 % of them (density)" in text  # 1.125 / 3
    assert "4 distinct sets" in text  # ab, a, c, none
    assert "the most frequent one (a + b)" in text
    assert "without a label: 25 %; with one: 37.5 %; with two or more: 37.5 %" in text
    # a + b: 75 rows with both, 100 * 75 / 200 = 37.5 expected
    assert "a + b: 75 rows with both, 2 times what chance gives; phi +0.77" in text
    assert "a and c avoid each other: 0 rows with both, 25 expected" in text


def test_phi_is_the_correlation_of_matthews() -> None:
    rng = np.random.default_rng(0)
    hot = (rng.random((400, 5)) < [0.5, 0.3, 0.2, 0.4, 0.1]).astype(float)
    hot[:, 3] = np.where(rng.random(400) < 0.7, hot[:, 0], hot[:, 3])
    hot[:, 4] = np.where(hot[:, 1] > 0, 0, hot[:, 4])
    found = co_occurrence.pairs(hot)
    assert {(p.first, p.second) for p in found} >= {(0, 3), (1, 4)}
    for pair in found:
        a, b = hot[:, pair.first], hot[:, pair.second]
        assert pair.phi == pytest.approx(matthews_corrcoef(a, b))
        assert pair.both == int((a * b).sum())
        assert pair.expected == pytest.approx(a.sum() * b.sum() / 400)


def test_pairs_that_met_by_chance_are_not_told() -> None:
    rng = np.random.default_rng(1)
    hot = (rng.random((300, 6)) < 0.3).astype(float)
    assert len(co_occurrence.pairs(hot)) <= 2  # 15 pairs at 95 %
    rare = np.zeros((300, 2))
    rare[:6] = 1  # six rows, with both of two labels that occur nowhere else
    strong = np.array([[1.0, 1.0]] * 150 + [[0.0, 0.0]] * 150)
    order = co_occurrence.pairs(np.hstack([rare, strong]))
    assert [(p.first, p.second) for p in order[:2]] == [(2, 3), (0, 1)]
    rare[4:] = 0
    assert len(co_occurrence.pairs(rare)) == 0


def test_unknown_cells_count_neither_way() -> None:
    cells = {"a": [1.0, 0.0, None, 1.0] * 10, "b": [1.0, 0.0, 1.0, None] * 10}
    task = tasks.MultiLabel.from_targets(cells)
    text = told(task, cells)
    assert "25 % of the cells are unknown" in text
    assert "a 20 (66.7 %)" in text  # of 30 known
    hot = task.truth(cells).double().numpy()
    (pair,) = co_occurrence.pairs(hot)
    assert (pair.both, pair.phi) == (10, pytest.approx(1.0))


def test_emotions_has_the_published_cardinality(shared_data: Path) -> None:
    folder = shared_data / "emotions"
    files = [folder / f"emotions-{part}.arff" for part in ("train", "test")]
    target = ("amazed-suprised", "happy-pleased", "relaxing-calm", "quiet-still",
              "sad-lonely", "angry-aggresive")  # fmt: skip
    planned = dt.plan(files[0], list(target), test=files[1])
    hot = np.array(planned.given.main.target.to_pandas())
    both = np.vstack([hot, np.array(planned.given.test.target.to_pandas())])
    # Trohidis et al. 2008: 593 songs, cardinality 1.869, density 0.311, 27 sets.
    task = tasks.MultiLabel.from_targets(dict(zip(target, both.T, strict=True)))
    text = told(task, dict(zip(target, both.T, strict=True)))
    assert "593 rows and 6 labels: 1.868 labels a row" in text
    assert "31.1 % of them (density); 27 distinct sets" in text
    assert "quiet-still + sad-lonely" in text


# -- classes --------------------------------------------------------------------------


def test_classes_are_counted_in_their_order() -> None:
    values = ["b"] * 30 + ["a"] * 60 + ["c"] * 10
    lines = told(tasks.Multiclass.from_targets(values), values).splitlines()
    assert lines[0] == "3 classes in 100 rows:"
    assert [line.split()[:4] for line in lines[1:4]] == [
        ["a", "60", "60", "%"], ["b", "30", "30", "%"], ["c", "10", "10", "%"],
    ]  # fmt: skip
    bars = [line.count("#") for line in lines[1:4]]
    assert bars == [30, 15, 5]
    assert lines[4].startswith("The rarest class, c, has 10 rows")


def test_binary_soft_and_one_hot_targets_are_counted_as_well() -> None:
    lopsided = [0] * 97 + [1] * 3
    text = told(tasks.Binary.from_targets(lopsided), lopsided)
    assert "0  97    97 %  ###" in text
    assert "Always answering 0 would be right in 97 % of the rows" in text
    two = tasks.Binary.from_targets(lopsided, head="softmax")
    assert told(two, lopsided) == text
    hot = {"x": [1, 0, 0, 0], "y": [0, 1, 0, 1], "z": [0, 0, 1, 0]}
    assert "y  2    50 %  ###" in told(tasks.Multiclass.from_targets(hot), hot)


def test_many_classes_end_with_a_sum() -> None:
    values = [f"c{k}" for k in range(20) for _ in range(60 + k)]
    text = told(tasks.Multiclass.from_targets(values), values)
    assert "and 9 more classes with" in text
    rest = sum(60 + k for k in range(9))
    assert f"{rest} rows together." in text


# -- numbers --------------------------------------------------------------------------


def test_a_skewed_target_is_told_with_its_numbers() -> None:
    values = np.random.default_rng(0).lognormal(3, 1, 2000)
    text = told(tasks.Regression.from_targets(values), values)
    assert f"Skewness {stats.skew(values):+.1f}" in text
    gap = (values.mean() - np.median(values)) / values.std()
    assert f"the mean is {gap:.2g} standard deviations above the median" in text
    z = (values - values.mean()) / values.std()
    far = np.abs(z) > 4
    assert f"{far.sum()} rows (" in text
    share = 100 * (z[far] ** 2).sum() / (z**2).sum()
    assert f"carry {share:.0f} % of the squared error" in text


def test_an_even_target_is_told_as_such() -> None:
    values = np.linspace(-1, 1, 201)
    text = told(tasks.Regression.from_targets(values), values)
    assert "201 rows from -1 to 1" in text
    assert "mean and median nearly agree" in text
    assert "No row is more than 4 standard deviations" in text
    assert "exactly" not in text


def test_a_limit_at_which_values_pile_up_is_told() -> None:
    values = np.minimum(np.linspace(0, 1.2, 241), 1.0)
    text = told(tasks.Regression.from_targets(values), values)
    assert "41 rows (17 %) have exactly 1, the largest value" in text


def test_targets_that_go_together() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=500)
    both = {"u": x, "v": 3 - 2 * x + rng.normal(size=500), "w": rng.normal(size=500)}
    text = told(tasks.Regression.from_targets(both), both)
    assert f"u and v {np.corrcoef(x, both['v'])[0, 1]:+.2f}" in text
    assert "u and w" not in text
    alone = {k: both[k] for k in ("u", "w")}
    assert "hardly go together" in told(tasks.Regression.from_targets(alone), alone)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (np.random.default_rng(0).poisson(4, 1000), "as independent events scatter"),
        (np.random.default_rng(0).poisson(4, 1000) * 5, "(overdispersion)"),
        (np.arange(1000) % 2 + 7, "(underdispersion)"),
    ],
)
def test_counts_are_compared_with_events(values: np.ndarray, word: str) -> None:
    task = tasks.Count.from_targets(values)
    text = told(task, values)
    assert word in text
    ratio = values.var() / values.mean()
    assert f"{ratio:.4g} times the mean" in text


# -- where training starts ------------------------------------------------------------


def test_the_start_is_that_of_a_dummy_classifier() -> None:
    """The bias smooths the shares by one row for each class; the loss is its own."""
    rng = np.random.default_rng(0)
    y = rng.choice(["a", "b", "c"], 900, p=[0.6, 0.3, 0.1])
    x = rng.normal(size=900)
    planned = dt.plan({"x": x, "y": y}, "y", folds=2)
    n, counts = 900, np.array([(y == c).sum() for c in "abc"])
    smoothed = np.log((counts + 1) / (n + 3))
    found = re.findall(r"-?\d+\.\d+", dict(planned.chain)["Start"])
    assert [float(v) for v in found[:3]] == pytest.approx(smoothed, rel=1e-3)
    dummy = DummyClassifier(strategy="prior").fit(x[:, None], y)
    null = log_loss(y, dummy.predict_proba(x[:, None]))
    assert planned.start_loss == pytest.approx(null, rel=1e-4)


def test_the_start_of_a_plan_is_on_its_training_rows() -> None:
    y = np.random.default_rng(0).poisson(3, 2400)
    planned = dt.plan({"x": np.arange(2400) % 7, "y": y}, "y", task="count")
    rows = y[planned.row_plan.folds[0].train]
    mean = rows.mean()
    null = mean - rows * np.log(mean) + np.array([math.lgamma(v + 1) for v in rows])
    assert planned.start_loss == pytest.approx(null.mean(), rel=1e-6)
    assert f"the loss there is {null.mean():.4g}." in dict(planned.chain)["Start"]


# -- columns --------------------------------------------------------------------------


def test_columns_tell_what_their_cells_hold() -> None:
    table = pa.table(
        {
            "age": [20.0, 30.0, 40.0, None, float("nan")],
            "town": ["x", "x", "x", "y", None],
            "id": ["1", "2", "3", "4", "5"],
        }
    )
    rows = [
        ("age", "number", "numbers from 20 to 40", "scaled"),
        ("town", "category", "2 distinct texts", "embedding"),
        ("id", "set aside", "identifier", "not used"),
    ]
    facts = columns.facts_of(table, rows)
    assert facts["age"] == "40 % missing, median 30, half of it from 25 to 35"
    assert facts["town"] == "20 % missing, most frequent x (75 %), y (25 %)"
    assert "id" not in facts
    lines = columns.each(rows, facts).splitlines()
    assert lines[0] == (
        "age: number (numbers from 20 to 40); 40 % missing, median 30, half of it from "
        "25 to 35; becomes scaled."
    )
    many = [(f"x{k}", "number", "why", "how") for k in range(50)]
    assert columns.each(many, {}).endswith("and 10 more columns.")


# -- reasons --------------------------------------------------------------------------


def test_every_loss_has_its_neighbours() -> None:
    assert set(neighbours.WHY_NOT) == set(KNOWN)


def test_the_floor_of_a_softmax_too_many_is_the_measured_one() -> None:
    task = tasks.Multiclass(tuple("abcdefghij"))
    assert "cannot fall below 1.461," in neighbours.why_not(task, task.loss)
    sure = torch.nn.functional.one_hot(torch.tensor([0]), 10) * 1e6
    twice = torch.nn.functional.cross_entropy(
        sure.double().softmax(1), torch.tensor([0])
    )
    assert float(twice) == pytest.approx(1.4612, abs=1e-4)


def test_every_metric_of_every_task_has_a_meaning(fit) -> None:
    chosen = [fit.task]
    if isinstance(fit.task, tasks.Regression):
        one = tasks.Regression.from_targets([1.0, 2.0, 4.0])
        chosen += [one.with_loss(losses.Pinball(taus=(0.9,))), one]
    for task in chosen:
        for metric in task.metrics:
            if not hasattr(metric, "column"):
                assert meanings.meaning(metric), metric
        lines = meanings.told(task).splitlines()
        assert lines[0].startswith(f"{task.metrics[0].name} picks the best epoch: ")


def test_outputs_say_why_there_are_so_many(fit) -> None:
    text = outputs(fit.task)
    assert text.startswith(f"{fit.task.head_size} raw output")
    assert len(text) > 150, "the number alone is no reason"
    ordinal = tasks.Ordinal((3, 4, 5, 6, 7, 8, 9))
    assert outputs(ordinal).startswith("6 raw outputs = 7 classes - 1:")


def test_what_another_reading_would_change_is_told_for_each_pair() -> None:
    """Every pair that inference gives: those of the table in ``tasks/infer.py``."""
    targets = (
        [3, 4, 5, 6, 7, 5], [0, 1, 2, 1, 0, 2], ["x", "y", "z"] * 9, [0.0, 1.0, 1.0],
        {"a": [1, 0, 0], "b": [0, 1, 0], "c": [0, 0, 1]}, {"a": [1, 0], "b": [0, 1]},
        np.random.default_rng(0).poisson(4, 300), [1.5, 2.5, 3.5] * 9,
        np.random.default_rng(0).integers(5, 80, 300),
    )  # fmt: skip
    for values in targets:
        reading = dt.infer_task(values)
        if reading.runner_up is not None:
            names = type(reading.task).__name__, type(reading.runner_up).__name__
            assert names in WHAT_CHANGES


def test_the_chain_has_all_the_links_that_were_asked_for() -> None:
    rng = np.random.default_rng(0)
    data = {"x": rng.normal(size=300), "y": rng.choice(["a", "b", "c"], 300)}
    headings = [heading for heading, _ in dt.plan(data, "y").chain]
    assert headings == [
        "Target", "Task", "Balance", "Rows", "Inputs", "Columns", "Outputs", "Loss",
        "Start", "Inverse link", "Decision", "Metrics", "Training",
    ]  # fmt: skip
    assert report.chain_in([], "zh") == []
