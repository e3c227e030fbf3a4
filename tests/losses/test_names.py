"""Names, torch's losses and users' functions at the border."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dovetail import losses, tasks
from dovetail.errors import ConfigError
from dovetail.losses import (
    CORN,
    Absolute,
    BinaryCrossEntropy,
    Custom,
    Huber,
    LogCosh,
    MultiHotCrossEntropy,
    MultiLabelCrossEntropy,
    Pinball,
    Poisson,
    SmoothL1,
    SoftmaxCrossEntropy,
    Squared,
    by_name,
    from_json,
    resolve,
)
from dovetail.losses._aliases import ALIASES
from dovetail.losses._elsewhere import known_elsewhere
from dovetail.losses._known import KNOWN

BINARY = ((BinaryCrossEntropy,), "Binary")
MULTICLASS = ((SoftmaxCrossEntropy,), "Multiclass")
MULTILABEL = ((MultiLabelCrossEntropy, MultiHotCrossEntropy), "MultiLabel")
REGRESSION = ((Squared, Absolute, Huber, SmoothL1, LogCosh, Pinball), "Regression")


@pytest.mark.parametrize(
    ("text", "loss"),
    [
        ("huber(delta=2)", Huber(delta=2)),
        ("Huber(2)", Huber(delta=2)),
        ("softmax_cross_entropy", SoftmaxCrossEntropy()),
        ("Softmax-Cross-Entropy(smoothing=0.1)", SoftmaxCrossEntropy(smoothing=0.1)),
        ("CrossEntropyLoss", SoftmaxCrossEntropy()),
        ("CrossEntropyLoss(label_smoothing=0.1)", SoftmaxCrossEntropy(smoothing=0.1)),
        ("cross_entropy(weight=[1, 2])", SoftmaxCrossEntropy(weight=(1, 2))),
        ("torch.nn.CrossEntropyLoss()", SoftmaxCrossEntropy()),
        ("NLLLoss", SoftmaxCrossEntropy()),
        ("sparse_categorical_crossentropy", SoftmaxCrossEntropy()),
        ("SparseCategoricalCrossentropy(from_logits=True)", SoftmaxCrossEntropy()),
        ("categorical_crossentropy", SoftmaxCrossEntropy()),
        ("BCELoss", BinaryCrossEntropy()),
        ("bce", BinaryCrossEntropy()),
        ("BCEWithLogitsLoss(pos_weight=[3])", BinaryCrossEntropy(pos_weight=3)),
        ("binary_crossentropy", BinaryCrossEntropy()),
        ("MultiLabelSoftMarginLoss", MultiLabelCrossEntropy()),
        ("SoftMarginLoss", BinaryCrossEntropy()),
        ("MSELoss", Squared()),
        ("mse", Squared()),
        ("mean_squared_error", Squared()),
        ("squared_error", Squared()),
        ("keras.losses.MeanSquaredError", Squared()),
        ("L1Loss", Absolute()),
        ("mae", Absolute()),
        ("mean_absolute_error", Absolute()),
        ("HuberLoss(delta=0.5, reduction='mean')", Huber(delta=0.5)),
        ("SmoothL1Loss", SmoothL1()),
        ("smooth_l1(beta=0.1)", SmoothL1(beta=0.1)),
        ("log_cosh", LogCosh()),
        ("logcosh", LogCosh()),
        ("poisson", Poisson()),
        ("PoissonNLLLoss(log_input=False, eps=1e-6)", Poisson()),
        ("quantile([0.1, 0.9])", Pinball(taus=(0.1, 0.9))),
        ("pinball(taus=[0.5])", Pinball(taus=(0.5,))),
        ("corn", CORN()),
    ],
)
def test_a_name_means(text, loss):
    assert by_name(text).loss == loss
    assert resolve(text).loss == loss


def test_every_own_name_is_known_and_needs_no_note():
    exported = [getattr(losses, name) for name in losses.__all__]
    kinds = [k for k in exported if isinstance(k, type) and issubclass(k, losses.Loss)]
    assert len(kinds) > 10
    for kind in kinds:
        if kind in (losses.Loss, Custom):
            continue
        given = "(taus=[0.5])" if kind is Pinball else ""
        named = by_name(kind.__name__ + given)
        assert type(named.loss) is kind
        assert named.note == ""


def test_notes_say_what_became_of_a_name():
    assert "log-softmax" in by_name("NLLLoss").note
    assert "no gradient" in by_name("BCELoss").note
    assert "each label" in by_name("BCELoss", *MULTILABEL).note
    assert "each label" not in by_name("BCELoss", *BINARY).note
    assert "one logit" in by_name("CrossEntropyLoss", *BINARY).note
    assert "one logit" not in by_name("CrossEntropyLoss", *MULTICLASS).note


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("mae", "the mean absolute error: Absolute; it estimates the median"),
        ("L1Loss", "the mean absolute error: Absolute; it estimates the median"),
        ("mse", "the mean squared error: Squared; it estimates the mean"),
        ("MSELoss", "the mean squared error: Squared; it estimates the mean"),
        ("HuberLoss", "delta is in units of the standardised target"),
        ("huber", "delta is in units of the standardised target"),
        ("SmoothL1Loss", "is Huber(beta) / beta, not Huber: the two agree only at 1"),
        ("smooth_l1_loss", "beta is in units of the standardised target"),
        ("PoissonNLLLoss", "likelihood, log Gamma(y + 1) included; it takes the log"),
        ("poisson", "likelihood, log Gamma(y + 1) included; it takes the log"),
        ("MultiLabelSoftMarginLoss", "the same as BCEWithLogitsLoss averaged over"),
        ("categorical_crossentropy", "the codec takes class ids and one-hot rows"),
        ("SparseCategoricalCrossentropy", "the codec takes class ids and one-hot"),
        ("BinaryCrossentropy", "no sigmoid goes before it"),
        ("Log-Cosh", "units of the standardised target"),
    ],
)
def test_the_note_says_what_became_of_the_name_as_typed(typed, words):
    note = by_name(typed).note
    assert note.startswith(typed)
    assert words in note


def test_no_foreign_name_is_without_a_note():
    for alias in ALIASES.values():
        if alias.name in losses.__all__:
            continue
        given = "(taus=[0.5])" if alias.family[0] is Pinball else ""
        note = by_name(alias.name + given).note
        assert note.startswith(alias.name)
        assert note.endswith(".")
        assert "{" not in note


def test_torchs_losses_have_notes_too():
    assert resolve(nn.L1Loss()).note.startswith("L1Loss is the mean absolute error")
    assert resolve(F.mse_loss).note.startswith("mse_loss is the mean squared error")
    assert "beta" in resolve(nn.SmoothL1Loss).note


@pytest.mark.parametrize(
    ("text", "task", "kind"),
    [
        ("BCEWithLogitsLoss", BINARY, BinaryCrossEntropy),
        ("BCEWithLogitsLoss", MULTILABEL, MultiLabelCrossEntropy),
        ("bce", MULTILABEL, MultiLabelCrossEntropy),
        ("CrossEntropyLoss", BINARY, BinaryCrossEntropy),
        ("CrossEntropyLoss", MULTICLASS, SoftmaxCrossEntropy),
        ("log_loss", BINARY, BinaryCrossEntropy),
        ("log_loss", MULTICLASS, SoftmaxCrossEntropy),
        ("log_loss", MULTILABEL, MultiLabelCrossEntropy),
        ("MultiLabelSoftMarginLoss", MULTILABEL, MultiLabelCrossEntropy),
        ("MultiHotCrossEntropy", MULTILABEL, MultiHotCrossEntropy),
    ],
)
def test_the_task_decides_which_member_is_meant(text, task, kind):
    assert type(by_name(text, *task).loss) is kind


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("CrossEntropyLoss", MULTILABEL),
        ("bce", MULTICLASS),
        ("mse", BINARY),
        ("SoftmaxCrossEntropy", REGRESSION),
        ("poisson", REGRESSION),
    ],
)
def test_a_loss_that_does_not_fit_is_refused_with_the_reason(text, task):
    fits, name = task
    with pytest.raises(ConfigError) as caught:
        by_name(text, fits, name)
    message, fix = caught.value.message, caught.value.fix
    assert name in message
    assert fits[0].takes in message
    assert by_name(text).loss.takes in message
    assert all(kind.__name__ in fix for kind in fits)


def test_why_softmax_does_not_fit_a_multi_label_target():
    with pytest.raises(ConfigError, match=r"needs one class in each row.*several"):
        by_name("CrossEntropyLoss", *MULTILABEL)


def test_an_unknown_name_gets_a_suggestion_and_the_list():
    with pytest.raises(ConfigError, match="Did you mean 'Huber'"):
        by_name("hubber")
    with pytest.raises(ConfigError, match=r"choose one of: .*Squared"):
        by_name("zzzz")


def test_an_unknown_name_is_answered_with_what_fits():
    for text in ("zzzz", "focal", "binary_crossentropi"):
        with pytest.raises(ConfigError) as caught:
            by_name(text, *BINARY)
        assert caught.value.fix == "choose one of: BinaryCrossEntropy"
    assert "Did you mean 'BinaryCrossEntropy'" in caught.value.message
    # Near a loss that does not fit is near nothing.
    with pytest.raises(ConfigError) as caught:
        by_name("hubber", *BINARY)
    assert caught.value.message == "No loss is called 'hubber'."
    with pytest.raises(ConfigError, match="Did you mean 'Huber'"):
        by_name("hubber", *REGRESSION)
    with pytest.raises(ConfigError, match="Did you mean 'CrossEntropyLoss'"):
        by_name("torch.nn.CrossEntropyLos", *MULTICLASS)


def test_a_function_is_not_given_by_the_name_custom():
    with pytest.raises(ConfigError) as caught:
        by_name("Custom")
    assert caught.value.message == "No loss is called 'Custom'."
    assert "Custom" not in caught.value.fix


@pytest.mark.parametrize(
    "text",
    [
        "GaussianNLLLoss",
        "torch.nn.KLDivLoss",
        "gaussian_nll_loss",
        "focal",
        "FocalLoss(gamma=2)",
        "BinaryFocalCrossentropy",
        "mean_absolute_percentage_error",
        "tweedie",
        "hinge",
    ],
)
def test_a_loss_of_others_that_is_not_here_is_told_so(text):
    name = text.split("(")[0].rsplit(".", 1)[-1]
    with pytest.raises(ConfigError, match=f"^{name} is known, but") as caught:
        by_name(text, *REGRESSION)
    assert "Did you mean" not in str(caught.value)
    assert "Squared" in caught.value.fix
    assert "CORN" not in caught.value.fix


def test_no_name_is_both_here_and_elsewhere():
    here = [*ALIASES, *(name for name in losses.__all__)]
    assert not [name for name in here if known_elsewhere(name)]


def test_a_loss_of_another_task_names_that_task():
    with pytest.raises(ConfigError) as caught:
        by_name("CrossEntropyLoss", (CORN,), "Ordinal")
    assert "a loss of Multiclass" in caught.value.message
    assert "or choose --task multiclass" in caught.value.fix
    with pytest.raises(ConfigError) as caught:
        by_name("BinaryCrossentropy", *MULTICLASS)
    assert caught.value.message.startswith("BinaryCrossentropy does not fit")
    # Two outputs for two classes: the same task, so no other is offered.
    with pytest.raises(ConfigError) as caught:
        by_name("BCELoss", (SoftmaxCrossEntropy,), "Binary")
    assert "--task" not in caught.value.fix
    # No task takes it in this version.
    with pytest.raises(ConfigError) as caught:
        by_name("MultiHotCrossEntropy", *BINARY)
    assert "--task" not in caught.value.fix


def test_the_task_that_a_loss_names_takes_it():
    for kind in KNOWN.values():
        if kind.task:
            assert kind in tasks.by_name(kind.task.lower()).LOSSES


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("huber(delta=-1)", "delta > 0"),
        ("huber(delta='a')", "a number for delta"),
        ("huber(detla=1)", "Did you mean 'delta'"),
        ("squared(beta=1)", "no parameter 'beta'"),
        ("squared(1)", "which parameter"),
        ("softmax_cross_entropy([1, 2])", "which parameter"),
        ("smooth_l1(beta=-1)", "beta >= 0"),
        ("pinball", "needs taus"),
        ("pinball(taus=[0.9, 0.1])", "increasing"),
        ("pinball(taus=[0.5, 1.0])", "increasing levels inside"),
        ("pinball(taus=0.5)", "sequence"),
        ("CrossEntropyLoss(ignore_index=3)", "ignore_index=3"),
        ("CrossEntropyLoss(reduction='sum')", "batch size"),
        ("CrossEntropyLoss(label_smoothing=1.0)", r"in \[0, 1\)"),
        ("CrossEntropyLoss(weight=[1, 0])", "weight > 0"),
        ("BCEWithLogitsLoss(weight=[1, 2])", "row weights"),
        ("huber(delta=", "Cannot read"),
    ],
)
def test_wrong_parameters_are_refused(text, words):
    with pytest.raises(ConfigError, match=words) as caught:
        by_name(text)
    assert caught.value.fix


def test_torch_losses_keep_their_parameters():
    weight = torch.tensor([1.0, 4.0, 2.0])
    assert resolve(nn.CrossEntropyLoss(weight, label_smoothing=0.1)).loss == (
        SoftmaxCrossEntropy(weight=(1, 4, 2), smoothing=0.1)
    )
    assert resolve(nn.NLLLoss(weight)).loss == SoftmaxCrossEntropy(weight=(1, 4, 2))
    bce = nn.BCEWithLogitsLoss(pos_weight=weight)
    assert resolve(bce, *MULTILABEL).loss == MultiLabelCrossEntropy(
        pos_weight=(1, 4, 2)
    )
    bce = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([3.0]))
    assert resolve(bce, *BINARY).loss == BinaryCrossEntropy(pos_weight=3)
    assert resolve(nn.HuberLoss(delta=2)).loss == Huber(delta=2)
    assert resolve(nn.HuberLoss).loss == Huber()
    assert resolve(nn.SmoothL1Loss(beta=0.5)).loss == SmoothL1(beta=0.5)
    assert resolve(nn.PoissonNLLLoss()).loss == Poisson()
    assert resolve(F.mse_loss).loss == Squared()
    assert resolve(F.cross_entropy, *BINARY).loss == BinaryCrossEntropy()


def test_weights_of_two_classes_become_their_ratio():
    given = nn.CrossEntropyLoss(torch.tensor([2.0, 6.0]))
    named = resolve(given, *BINARY)
    assert named.loss == BinaryCrossEntropy(pos_weight=3)
    assert "pos_weight=3" in named.note
    with pytest.raises(ConfigError, match="2 outputs, got 3"):
        resolve(nn.CrossEntropyLoss(torch.ones(3)), *BINARY)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (nn.CrossEntropyLoss(ignore_index=0), "ignore_index=0"),
        (nn.MSELoss(reduction="sum"), "reduction='sum'"),
        (nn.BCELoss(weight=torch.ones(3)), "row weights"),
        (nn.MultiLabelSoftMarginLoss(weight=torch.ones(3)), "row weights"),
        (nn.CTCLoss(), "CTCLoss is known, but dovetail has no such"),
        (nn.GaussianNLLLoss, "GaussianNLLLoss is known, but dovetail has no such"),
        (
            F.cosine_embedding_loss,
            "cosine_embedding_loss is known, but dovetail has no such",
        ),
        (3, "got 3"),
        (None, "got None"),
    ],
)
def test_what_cannot_be_carried_is_refused(value, words):
    with pytest.raises(ConfigError, match=words) as caught:
        resolve(value)
    assert caught.value.fix


def test_our_own_losses_go_through():
    assert resolve(Huber(delta=3)).loss == Huber(delta=3)
    assert resolve(Huber).loss == Huber()
    assert resolve(Huber(delta=3), *REGRESSION).note == ""
    with pytest.raises(ConfigError, match="does not fit Binary"):
        resolve(Huber(), *BINARY)
    with pytest.raises(ConfigError, match="does not fit Binary"):
        resolve(Huber, *BINARY)
    with pytest.raises(ConfigError, match="needs taus"):
        resolve(Pinball)


def my_loss(raw, target):
    return (raw - target).abs().mean(1)


class MyLoss(nn.L1Loss):
    pass


def test_a_function_of_the_users_is_taken_as_it_is():
    named = resolve(my_loss, *BINARY)
    assert named.loss == Custom(function=my_loss)
    assert "my_loss" in named.note
    assert named.loss.to_json()["function"].endswith("my_loss")
    assert resolve(named.loss, *BINARY).loss == named.loss
    mine = MyLoss(reduction="none")
    assert resolve(mine).loss == Custom(function=mine)
    with pytest.raises(ConfigError, match="reduction='none'"):
        resolve(MyLoss())


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "Hubber"}, "Did you mean 'Huber'"),
        ({"delta": 1.0}, "No loss is called None"),
        ({"name": "Huber", "beta": 1.0}, "no parameter 'beta'"),
        ({"name": "Pinball"}, "needs taus"),
        ({"name": "Huber", "delta": "x"}, "a number for delta"),
        ({"name": "Custom"}, "needs function"),
        ({"name": "Custom", "function": 3}, "name of a function"),
        ({"name": "Custom", "function": "m.f", "code": ""}, "no parameter 'code'"),
    ],
)
def test_a_changed_file_is_refused(values, words):
    with pytest.raises(ConfigError, match=words):
        from_json(values)
