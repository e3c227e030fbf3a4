"""Wrong programs: each gives its finding, and no other error."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import dovetail
from dovetail import losses
from dovetail.errors import DataError
from tests.diagnose.programs import (
    Centred,
    Cut,
    Listed,
    MadeInForward,
    PlainTensor,
    Recurrent,
    mlp,
)

CE, NLL, BCE = nn.CrossEntropyLoss(), nn.NLLLoss(), nn.BCELoss()
LOGITS, MSE = nn.BCEWithLogitsLoss(), nn.MSELoss()

torch.manual_seed(3)  # the networks below are made once, when this is imported
X = torch.randn(16, 6)
Y = torch.arange(16) % 3
YES = (torch.arange(16) % 2).float().unsqueeze(1)
LABELS = (torch.arange(64).view(16, 4) % 3 == 0).float()
NUMBER = torch.randn(16, 1)
ONE_HOT = F.one_hot(Y, 3)


def by_hand_softmax(z: Tensor) -> Tensor:
    e = z.exp()
    return e / e.sum(1, keepdim=True)


class ByHand(nn.Module):
    def __init__(self, outputs: int, last: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.net, self.last = mlp(outputs), last

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.net(x))


class OwnSigmoid(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, z: Tensor) -> Tensor:
        s = z.sigmoid()
        ctx.save_for_backward(s)
        return s

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (s,) = ctx.saved_tensors
        return grad * s * (1 - s)


class Unrolled(nn.Module):
    """A softmax in each step, the steps stacked, then flattened for the loss."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.head = nn.GRUCell(6, 8), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        h = x.new_zeros(len(x), 8)
        steps = []
        for _ in range(3):
            h = self.cell(x, h)
            steps.append(self.head(h).softmax(-1))
        return torch.stack(steps, 1)


class Forgotten(nn.Module):
    """The first layer is computed, and its result not used: a slip of the pen."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(6, 6), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        self.first(x).relu()
        return self.second(x)


def own_cross_entropy(scores: Tensor, y: Tensor) -> Tensor:
    return -scores.log_softmax(1).gather(1, y[:, None]).mean()


def at_once(scores: Tensor, y: Tensor) -> Tensor:
    return F.cross_entropy(scores.reshape(-1, 3), y.repeat_interleave(3))


PROGRAMS: dict[str, tuple[str, nn.Module, Any, Any]] = {
    # DT101
    "softmax": ("softmax-before-cross-entropy", mlp(3, nn.Softmax(1)), CE, Y),
    "softmax, functional": (
        "softmax-before-cross-entropy",
        mlp(3),
        lambda z, y: F.cross_entropy(F.softmax(z, dim=1), y),
        Y,
    ),
    "softmax by hand": (
        "softmax-before-cross-entropy",
        ByHand(3, by_hand_softmax),
        CE,
        Y,
    ),
    "softmax with a clamp": (
        "softmax-before-cross-entropy",
        ByHand(3, lambda z: z.softmax(1).clamp(1e-7, 1 - 1e-7)),
        CE,
        Y,
    ),
    "mean of softmaxes": (
        "softmax-before-cross-entropy",
        ByHand(3, lambda z: torch.stack([z.softmax(1), (2 * z).softmax(1)]).mean(0)),
        CE,
        Y,
    ),
    "softmax in each step": ("softmax-before-cross-entropy", Unrolled(), at_once, Y),
    "softmax, then log-softmax": (
        "softmax-before-cross-entropy",
        mlp(3, nn.Softmax(1), nn.LogSoftmax(1)),
        NLL,
        Y,
    ),
    "softmax, a loss of one's own": (
        "softmax-before-cross-entropy",
        mlp(3, nn.Softmax(1)),
        own_cross_entropy,
        Y,
    ),
    "softmax, a loss of ours": (
        "softmax-before-cross-entropy",
        mlp(3, nn.Softmax(1)),
        losses.SoftmaxCrossEntropy(),
        Y,
    ),
    # DT102 to DT108
    "log-softmax": (
        "log-softmax-before-cross-entropy",
        mlp(3, nn.LogSoftmax(1)),
        CE,
        Y,
    ),
    "sigmoid": ("sigmoid-before-bce-with-logits", mlp(1, nn.Sigmoid()), LOGITS, YES),
    "sigmoid by hand": (
        "sigmoid-before-bce-with-logits",
        ByHand(1, lambda z: 1 / (1 + torch.exp(-z))),
        LOGITS,
        YES,
    ),
    "sigmoid of one's own": (
        "sigmoid-before-bce-with-logits",
        ByHand(1, OwnSigmoid.apply),
        LOGITS,
        YES,
    ),
    "sigmoid, soft margin over labels": (
        "sigmoid-before-bce-with-logits",
        mlp(4, nn.Sigmoid()),
        nn.MultiLabelSoftMarginLoss(),
        LABELS,
    ),
    "sigmoid twice": (
        "sigmoid-before-bce-with-logits",
        mlp(1, nn.Sigmoid()),
        lambda p, y: F.binary_cross_entropy(p.sigmoid(), y),
        YES,
    ),
    "softmax for labels": (
        "softmax-before-bce-with-logits",
        mlp(4, nn.Softmax(1)),
        LOGITS,
        LABELS,
    ),
    "sigmoid for classes": (
        "sigmoid-before-cross-entropy",
        mlp(3, nn.Sigmoid()),
        CE,
        Y,
    ),
    "scores into BCE": ("logits-into-bce", mlp(1), BCE, YES),
    "scores into NLL": ("logits-into-nll", mlp(3), NLL, Y),
    "softmax into NLL": ("softmax-into-nll", mlp(3, nn.Softmax(1)), NLL, Y),
    "sigmoid into NLL": ("softmax-into-nll", mlp(3, nn.Sigmoid()), NLL, Y),
    "scores into CTC": (
        "logits-into-nll",
        nn.Linear(6, 5),
        lambda z, y: F.ctc_loss(
            z.unsqueeze(1), y[None, :4] + 1, torch.tensor([16]), torch.tensor([4])
        ),
        Y,
    ),
    # DT111 to DT116
    "log-softmax over rows": ("softmax-wrong-dim", mlp(3, nn.LogSoftmax(0)), NLL, Y),
    "softmax over rows, squares": (
        "softmax-wrong-dim",
        mlp(3, nn.Softmax(0)),
        MSE,
        ONE_HOT.float(),
    ),
    "softmax over rows of a flat output": (
        "softmax-wrong-dim",
        mlp(1, nn.Flatten(0), nn.Softmax(0)),
        BCE,
        YES[:, 0],
    ),
    "one class": ("single-output-softmax", mlp(1), CE, torch.zeros(16).long()),
    "softmax of one": ("single-output-softmax", mlp(1, nn.Softmax(1)), BCE, YES),
    "ReLU": ("activation-on-logits", mlp(3, nn.ReLU()), CE, Y),
    "tanh": ("activation-on-logits", mlp(3, nn.Tanh()), CE, Y),
    "softplus": ("activation-on-logits", mlp(1, nn.Softplus()), LOGITS, YES),
    "ReLU, log-softmax": (
        "activation-on-logits",
        mlp(3, nn.ReLU(), nn.LogSoftmax(1)),
        NLL,
        Y,
    ),
    "ReLU, sigmoid": (
        "activation-on-logits",
        mlp(1, nn.ReLU(), nn.Sigmoid()),
        BCE,
        YES,
    ),
    "LeakyReLU": ("activation-on-logits", mlp(3, nn.LeakyReLU()), CE, Y),
    "ReLU on numbers": ("activation-on-regression", mlp(1, nn.ReLU()), MSE, NUMBER),
    "sigmoid on numbers": (
        "activation-on-regression",
        mlp(1, nn.Sigmoid()),
        nn.L1Loss(),
        NUMBER,
    ),
    "swapped": ("swapped-loss-arguments", mlp(3), lambda z, y: CE(y, z), Y),
    "swapped, in silence": (
        "swapped-loss-arguments",
        mlp(1, nn.Sigmoid()),
        lambda p, y: BCE(y, p),
        YES,
    ),
    # DT201 to DT206
    "one-hot": ("onehot-target-for-class-index", mlp(3), CE, ONE_HOT.float()),
    "one-hot, weighted": (
        "onehot-target-for-class-index",
        mlp(3),
        nn.CrossEntropyLoss(weight=torch.ones(3)),
        ONE_HOT.float(),
    ),
    "one-hot of integers": ("onehot-target-for-class-index", mlp(3), CE, ONE_HOT),
    "one-hot into NLL": (
        "onehot-target-for-class-index",
        mlp(3, nn.LogSoftmax(1)),
        NLL,
        ONE_HOT.float(),
    ),
    "float labels": ("float-target-for-cross-entropy", mlp(3), CE, Y.float()),
    "float labels in a column": (
        "float-target-for-cross-entropy",
        mlp(3),
        CE,
        Y.float()[:, None],
    ),
    "integer labels": ("int-target-for-bce", mlp(1), LOGITS, YES.long()),
    "integer labels into BCE": (
        "int-target-for-bce",
        mlp(1, nn.Sigmoid()),
        BCE,
        YES.long(),
    ),
    "class numbers into BCE": ("int-target-for-bce", mlp(3), LOGITS, Y),
    "row against column": ("target-shape-broadcast", mlp(1), MSE, NUMBER[:, 0]),
    "column against row": (
        "target-shape-broadcast",
        mlp(1, nn.Flatten(0)),
        nn.L1Loss(),
        NUMBER,
    ),
    "counts": (
        "target-shape-broadcast",
        mlp(1),
        nn.PoissonNLLLoss(),
        NUMBER[:, 0].abs(),
    ),
    "broadcast by hand": (
        "target-shape-broadcast",
        mlp(1),
        lambda z, y: ((z - y.float()) ** 2).mean(),
        NUMBER[:, 0],
    ),
    "BCE of a row": ("target-shape-broadcast", mlp(1), LOGITS, YES[:, 0]),
    "class numbers in a column": ("target-shape-broadcast", mlp(3), CE, Y[:, None]),
    "broadcast, a loss of ours": (
        "target-shape-broadcast",
        mlp(1),
        losses.Squared(),
        NUMBER[:, 0],
    ),
    "out of range": ("label-out-of-range", mlp(3), CE, Y + 3),
    "negative": ("label-out-of-range", mlp(3), CE, Y - 1),
    "2 for yes": ("label-out-of-range", mlp(1), LOGITS, 2 * YES),
    "0 for no": ("label-out-of-range", mlp(1), nn.SoftMarginLoss(), YES),
    "from 1": ("labels-start-at-one", mlp(3), CE, Y + 1),
    "1 and 2": ("labels-start-at-one", mlp(1), LOGITS, YES + 1),
    # DT409, DT502, DT504, DT505
    "a loss made anew": (
        "loss-detached",
        mlp(3),
        lambda z, y: torch.tensor(CE(z, y).item(), requires_grad=True),
        Y,
    ),
    "argmax into cross-entropy": (
        "loss-detached",
        mlp(3),
        lambda z, y: F.cross_entropy(z.argmax(1).float(), y),
        Y,
    ),
    "an accuracy": (
        "loss-detached",
        mlp(3),
        lambda z, y: 1 - (z.argmax(1) == y).float().mean(),
        Y,
    ),
    "decisions into BCE": (
        "loss-detached",
        mlp(1, nn.Sigmoid()),
        lambda p, y: BCE((p > 0.5).float(), y),
        YES,
    ),
    "a number": ("loss-detached", mlp(3), lambda z, y: CE(z, y).item(), Y),
    "through a list": (
        "loss-detached",
        mlp(1),
        lambda z, y: MSE(torch.tensor(z.tolist(), requires_grad=True), y),
        NUMBER,
    ),
    "a list of layers": ("unregistered-parameters", Listed(), CE, Y),
    "a plain tensor": ("unregistered-parameters", PlainTensor(), CE, Y),
    "layers made in forward": ("unregistered-parameters", MadeInForward(), CE, Y),
    "four weights": (
        "class-weight-length",
        mlp(3),
        nn.CrossEntropyLoss(weight=torch.ones(4)),
        Y,
    ),
    "two weights of one output": (
        "class-weight-length",
        mlp(1),
        nn.BCEWithLogitsLoss(pos_weight=torch.ones(2)),
        YES,
    ),
    "weights elsewhere": (
        "class-weight-device",
        mlp(3),
        nn.CrossEntropyLoss(weight=torch.ones(3, device="meta")),
        Y,
    ),
    # DT6xx
    "detach": ("no-gradient-to-parameters", Cut("detach"), CE, Y),
    "data": ("no-gradient-to-parameters", Cut("data"), CE, Y),
    "numpy": ("no-gradient-to-parameters", Cut("numpy"), CE, Y),
    "argmax": ("no-gradient-to-parameters", Cut("argmax"), MSE, Y.float()),
    "unused": ("no-gradient-to-parameters", Cut("unused"), CE, Y),
    "forgotten": ("no-gradient-to-parameters", Forgotten(), CE, Y),
    "rounded": (
        "no-gradient-to-parameters",
        mlp(1),
        lambda z, y: F.mse_loss(z.round(), y),
        NUMBER,
    ),
    "centred": ("outputs-depend-on-batch", Centred(), CE, Y),
    "batch statistics": (
        "outputs-depend-on-batch",
        nn.Sequential(nn.BatchNorm1d(6, track_running_stats=False), nn.Linear(6, 3)),
        CE,
        Y,
    ),
    "sum": ("wrong-reduction", mlp(3), nn.CrossEntropyLoss(reduction="sum"), Y),
    "mean over a mask": (
        "wrong-reduction",
        mlp(3),
        lambda z, y: (F.cross_entropy(z, y, reduction="none") * (y > 0)).mean(),
        Y,
    ),
    "inputs in the thousands": (
        "initial-loss-far-above-null",
        ByHand(3, lambda z: 1e4 * z),
        CE,
        Y,
    ),
}
SEVERITY = {
    "log-softmax": "hint",
    "LeakyReLU": "warning",
    "ReLU on numbers": "warning",
    "sigmoid on numbers": "warning",
    "softmax over rows, squares": "error",
    "one-hot": "hint",
    "one-hot, weighted": "warning",
    "unused": "warning",
    "forgotten": "warning",
    "sum": "warning",
    "mean over a mask": "warning",
    "inputs in the thousands": "hint",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_wrong_program(name: str) -> None:
    rule, model, loss, target = PROGRAMS[name]
    found = dovetail.diagnose(model, loss, (X, target))
    assert [(f.rule, f.severity) for f in found] == [
        (rule, SEVERITY.get(name, "error"))
    ]
    assert found[0].fix


def test_a_softmax_over_rows_before_cross_entropy_is_two_mistakes() -> None:
    found = dovetail.diagnose(mlp(3, nn.Softmax(0)), CE, (X, Y))
    assert [f.rule for f in found] == [
        "softmax-before-cross-entropy",
        "softmax-wrong-dim",
    ]


def test_a_softmax_over_time_is_seen_through_the_view() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(6, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(x).log_softmax(1).view(-1, 3)

    x, y = torch.randn(8, 5, 6), torch.randint(0, 3, (8, 5))
    found = dovetail.diagnose(Net(), lambda z, t: F.nll_loss(z, t.view(-1)), (x, y))
    assert [f.rule for f in found] == ["softmax-wrong-dim"]
    assert "axis 1 (size 5 of (8, 5, 3))" in found[0].message


def test_an_rnn_that_takes_the_batch_for_time() -> None:
    batch = torch.randn(16, 5, 6), Y
    found = dovetail.diagnose(Recurrent(batch_first=False), CE, batch)
    assert [f.rule for f in found] == ["outputs-depend-on-batch"]
    assert dovetail.diagnose(Recurrent(batch_first=True), CE, batch) == []


def test_scores_into_bce_that_lie_in_range_by_chance() -> None:
    model = nn.Linear(6, 1)
    nn.init.zeros_(model.weight)
    nn.init.constant_(model.bias, 0.5)
    found = dovetail.diagnose(model, BCE, (X, YES))
    assert [f.rule for f in found] == ["logits-into-bce"]
    assert "by chance" in found[0].message


def test_a_dead_layer_and_a_dead_output() -> None:
    model = mlp(3)
    nn.init.constant_(model[0].bias, -100.0)
    found = dovetail.diagnose(model, CE, (X, Y))
    assert [f.rule for f in found] == ["dead-outputs"]
    model = mlp(1, nn.ReLU())
    nn.init.constant_(model[2].bias, -100.0)
    found = dovetail.diagnose(model, MSE, (X, NUMBER.abs()))
    assert "dead-outputs" in [f.rule for f in found]


def test_layers_left_out_of_the_optimizer() -> None:
    model = mlp(3)
    some = torch.optim.Adam(model[0].parameters())
    found = dovetail.diagnose(model, CE, (X, Y), optimizer=some)
    assert [f.rule for f in found] == ["optimizer-misses-parameters"]
    assert "2.weight, 2.bias (39 of 123 numbers)" in found[0].message


def test_a_layer_replaced_after_the_optimizer_was_made() -> None:
    model = mlp(3)
    old = torch.optim.Adam(model.parameters())
    model[2] = nn.Linear(12, 3)
    found = dovetail.diagnose(model, CE, (X, Y), optimizer=old)
    assert [f.rule for f in found] == ["optimizer-misses-parameters"]
    assert "holds 2 tensors that are none of the model's" in found[0].message


@pytest.mark.parametrize("rate", [0.0, 1e-14])
def test_a_step_that_changes_nothing(rate: float) -> None:
    model = mlp(3)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    found = dovetail.diagnose(model, CE, (X, Y), optimizer=optimizer)
    assert [f.rule for f in found] == ["step-changes-nothing"]
    assert f"Learning rate: {rate:g}." in found[0].message


def test_a_model_left_in_evaluation_mode() -> None:
    model = nn.Sequential(nn.Dropout(), nn.Linear(6, 3)).eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    found = dovetail.diagnose(model, CE, (X, Y), optimizer=optimizer)
    assert [f.rule for f in found] == ["missing-train-mode"]
    assert dovetail.diagnose(model, CE, (X, Y)) == []


def test_two_heads_with_a_softmax_each_are_two_causes() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = mlp(3, nn.Softmax(1)), mlp(3, nn.Softmax(1))

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return self.a(x), self.b(x)

    found = dovetail.diagnose(Net(), lambda o, y: CE(o[0], y) + CE(o[1], y), (X, Y))
    assert [f.rule for f in found] == ["softmax-before-cross-entropy"] * 2


def test_two_losses_on_one_softmax_are_one_cause() -> None:
    model = mlp(3, nn.Softmax(1))
    found = dovetail.diagnose(model, lambda p, y: CE(p, y) + CE(p, y.flip(0)), (X, Y))
    assert [f.rule for f in found] == ["softmax-before-cross-entropy"]


def test_what_no_rule_explains_is_raised_with_a_word() -> None:
    with pytest.raises(RuntimeError, match="Long") as caught:
        dovetail.diagnose(mlp(3), CE, (X, Y.int()))
    assert "target.long()" in caught.value.__notes__[0]
    with pytest.raises(ZeroDivisionError):
        dovetail.diagnose(mlp(3), lambda z, y: 1 / 0, (X, Y))
    with pytest.raises(DataError):  # one target too few, in a loss of ours
        dovetail.diagnose(mlp(1), losses.Squared(), (X, NUMBER[1:].repeat(2, 1)))


def test_a_wrong_head_is_found_behind_a_label_out_of_range() -> None:
    found = dovetail.diagnose(mlp(3, nn.Softmax(1)), CE, (X, Y + 1))
    assert [f.rule for f in found] == [
        "softmax-before-cross-entropy",
        "labels-start-at-one",
    ]
