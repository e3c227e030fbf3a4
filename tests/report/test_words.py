"""The chain in words says what holds, with the numbers of the data."""

import math

import pytest

from dovetail import losses, report, tasks
from dovetail.report._text import width
from dovetail.report.balance import balance
from dovetail.report.start import loss_at_start, shares, start


def test_every_link_is_told_in_order(fit) -> None:
    headings = [heading for heading, _ in fit.chain()]
    links = ["Task", "Outputs", "Loss", "Start", "Inverse link", "Decision", "Metrics"]
    assert [h for h in headings if h in links] == links
    for heading, text in fit.chain():
        assert text.strip() == text != ""
        assert text[-1] in ".!?)", heading
        assert "None" not in text, heading
        assert "nan" not in text, heading


def test_numbers_of_the_fit_are_told(fit) -> None:
    told = dict(fit.chain())
    assert (
        "32,561 rows, 12 without a target and 3 that could not be read left out"
        in (told["Rows"])
    )
    assert "22,790 train" in told["Rows"]
    assert "70/15/15, stratified by class." in told["Rows"]
    assert "AdamW(lr=0.002" in told["Training"]
    assert "at most 40 epochs, batches of 128 rows" in told["Training"]
    score = fit.document["score"]
    assert (f"{score:,.0f}" if score > 1000 else f"{score:.4g}") in told["Result"]
    assert "The best epoch was 12 of 17; it stopped early" in told["Result"]
    assert fit.task.loss.formula in told["Loss"]
    assert fit.metric in told["Metrics"]
    assert "id (identifier: every cell is a UUID)." in told["Set aside"]
    assert "1 number (age): " in told["Inputs"]
    assert "1 category (" in told["Inputs"]
    assert "a leak." in told["Warning"]


def test_folds_are_told_as_folds(fitted) -> None:
    told = dict(fitted("Binary").chain(config={"folds": 5}))["Rows"]
    assert "5 models learn in folds, each tuned on 4,876 rows" in told
    assert "4,880 rows score, each by a model that has not seen it" in told
    assert "a last model then learns from all 22,790." in told


def test_the_reading_and_its_runner_up_are_told() -> None:
    task = tasks.Ordinal.from_targets([3, 4, 5, 4])
    other = tasks.Regression()
    reading = tasks.Reading(task, "integers 3..5: Ordinal", 0.8, other)
    told = dict(report.chain(task, reading=reading, loss_note="mse is Squared here"))
    assert told["Task"] == (
        "Integers 3..5: Ordinal. Each row has one of several ordered classes. The "
        "other reading is Regression, which takes all steps as equal and may answer "
        "between two classes; --task chooses it."
    )
    assert told["Loss"].endswith("mse is Squared here.")
    asked = dict(report.chain(task))
    assert asked["Task"].startswith("Ordinal, as asked.")
    assert "Rows" not in asked
    assert "Result" not in asked


def test_binary_starts_at_the_log_odds_and_the_entropy() -> None:
    task = tasks.Binary.from_targets(["no"] * 8 + ["yes"] * 2)
    p = 3 / 12  # (2 + 1) / (10 + 2)
    entropy = -p * math.log(p) - (1 - p) * math.log(1 - p)
    assert loss_at_start(task) == pytest.approx(entropy, rel=1e-6)
    text = start(task)
    assert f"the bias {math.log(p / (1 - p)):.4g}," in text
    assert "step 0 predicts yes with probability 25 %" in text
    assert f"the loss there is {entropy:.4g}." in text
    assert balance(task) == "Shares of the training rows: no (75 %) and yes (25 %)."


def test_a_two_logit_head_starts_at_the_same_place() -> None:
    targets = ["no"] * 8 + ["yes"] * 2
    one = tasks.Binary.from_targets(targets)
    two = tasks.Binary.from_targets(targets, head="softmax")
    assert loss_at_start(two) == pytest.approx(loss_at_start(one), rel=1e-6)
    assert dict(shares(two)) == pytest.approx(dict(shares(one)))


@pytest.mark.parametrize("name", ["Binary", "Multiclass", "Ordinal", "MultiLabel"])
def test_the_loss_at_the_start_is_the_loss_of_the_shares(fitted, name: str) -> None:
    fit = fitted(name)
    raw = fit.raw.new_tensor(fit.task.bias).expand_as(fit.raw)
    mean = float(fit.task.loss(raw, fit.target).mean())
    # The bias smooths the shares by one row for each class.
    assert loss_at_start(fit.task) == pytest.approx(mean, rel=0.01)


def test_the_standardised_start_of_regression_is_one() -> None:
    task = tasks.Regression.from_targets([1.0, 2.0, 6.0])
    assert loss_at_start(task) == 1.0
    assert "the bias 0, so that step 0 predicts 3 for every row" in start(task)
    huber = task.with_loss(losses.Huber(delta=1.0))
    huber = huber.learn([1.0, 2.0, 6.0])
    assert loss_at_start(huber) is None
    assert "the loss there is 0.25." in start(huber, 0.25)


def test_count_starts_at_its_mean() -> None:
    task = tasks.Count.from_targets([0, 1, 5])
    assert "the bias 0.6931, so that step 0 predicts 2 for every row" in start(task)


def test_a_task_without_a_bias_says_where_it_comes_from() -> None:
    assert start(tasks.Binary()) == (
        "The bias of the head is found from the training targets."
    )
    assert balance(tasks.Binary()) == ""


def test_class_weights_are_taken_off_before_shares_are_told() -> None:
    task = tasks.Binary.from_targets([0] * 8 + [1] * 2)
    weighted = task.with_loss(losses.BinaryCrossEntropy(pos_weight=10.0))
    weighted = weighted.learn([0] * 8 + [1] * 2)
    assert dict(shares(weighted))["1"] == pytest.approx(0.25, rel=1e-5)
    told = dict(report.chain(weighted))
    assert "BinaryCrossEntropy(pos_weight=10.0)" in told["Loss"]
    assert "mapped back to the true law" in told["Loss"]


def test_lopsided_classes_are_warned_of() -> None:
    text = balance(tasks.Binary.from_targets([0] * 97 + [1] * 3))
    assert "Always answering 0 would be right in 96.1 % of the rows" in text
    assert "Always" not in balance(tasks.Binary.from_targets([0, 1]))


def test_many_labels_are_summed_up(fitted) -> None:
    text = balance(fitted("MultiLabel").task)
    assert "of the 4 labels on average" in text
    many = tasks.Multiclass.from_targets([f"c{k}" for k in range(50)] + ["c7"])
    assert "and 44 more. The rarest is" in balance(many)
    assert (
        "50 raw outputs: one for each of c0, c1" in dict(report.chain(many))["Outputs"]
    )


def test_as_text_wraps_within_the_width_also_wide_letters(fit) -> None:
    text = report.as_text(fit.chain(), width=72)
    lines = text.splitlines()
    assert max(map(width, lines)) <= 72
    indent = max(len(heading) for heading, _ in fit.chain()) + 2
    for line in lines:
        assert line[indent - 1] == " "
        assert line[indent] != " "
    words = " ".join(" ".join(pair) for pair in fit.chain()).split()
    assert text.split() == words
