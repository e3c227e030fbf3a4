"""The figures that messages quote, against numbers that torch computes."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import dovetail
from dovetail.diagnose import _figures as figures
from dovetail.diagnose._null import null_loss
from dovetail.diagnose._record import Recorder
from tests.diagnose.programs import mlp

X = torch.randn(12, 6)


@pytest.mark.parametrize("classes", [2, 3, 10, 100, 1000])
def test_softmax_before_cross_entropy_lives_in_a_band(classes: int) -> None:
    sure = torch.eye(classes, dtype=torch.float64)[:1]  # all of the 1 on class 0
    right = F.cross_entropy(sure, torch.tensor([0])).item()
    wrong = F.cross_entropy(sure, torch.tensor([1])).item()
    assert figures.softmax_floor(classes) == pytest.approx(right, rel=1e-12)
    assert figures.softmax_ceiling(classes) == pytest.approx(wrong, rel=1e-12)
    assert wrong - right == pytest.approx(1)


@pytest.mark.parametrize("classes", [2, 10, 30])
def test_softmax_shrinks_the_gradient_to_one_in_c(classes: int) -> None:
    z = torch.zeros(4, classes, dtype=torch.float64, requires_grad=True)
    y = torch.zeros(4).long()
    (direct,) = torch.autograd.grad(F.cross_entropy(z, y), z)
    (through,) = torch.autograd.grad(F.cross_entropy(z.softmax(1), y), z)
    measured = (through.norm() / direct.norm()).item()
    assert measured == pytest.approx(1 / classes)
    assert figures.softmax_shrink(z.softmax(1), 1) == pytest.approx(measured)


def test_tanh_has_a_floor() -> None:
    best = torch.full((1, 10), -1.0)
    best[0, 3] = 1.0
    least = F.cross_entropy(best, torch.tensor([3])).item()
    assert figures.bounded_floor(10, -1, 1) == pytest.approx(least, rel=1e-6)


@pytest.mark.parametrize("rate", [0.0, 0.25, 1.0])
def test_sigmoid_has_a_floor(rate: float) -> None:
    y = (torch.arange(100) < 100 * rate).double()
    least = F.binary_cross_entropy_with_logits(y, y).item()  # sigmoid at its best
    assert figures.sigmoid_floor(rate) == pytest.approx(least)


@pytest.mark.parametrize("true", [1, 3, 10])
def test_a_softmax_over_labels_has_a_floor(true: int) -> None:
    y = torch.zeros(1, 20, dtype=torch.float64)
    y[0, :true] = 1
    z = torch.zeros(1, 20, dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS([z], max_iter=400, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        search.zero_grad()
        loss = F.binary_cross_entropy_with_logits(z.softmax(1), y)
        loss.backward()
        return loss

    search.step(closure)
    assert figures.shared_floor(20, true) == pytest.approx(closure().item(), abs=1e-4)


def test_messages_quote_them() -> None:
    y = torch.arange(12) % 3
    said = dovetail.diagnose(mlp(3, nn.Softmax(1)), nn.CrossEntropyLoss(), (X, y))
    assert "cannot fall below 0.551 nor rise above 1.551" in said[0].message
    assert "to about 0.3" in said[0].message  # 1/3 of it
    yes = (torch.arange(12) % 4 == 0).float()[:, None]
    said = dovetail.diagnose(mlp(1, nn.Sigmoid()), nn.BCEWithLogitsLoss(), (X, yes))
    assert "with 25% positives the loss cannot fall below 0.598" in said[0].message
    said = dovetail.diagnose(mlp(3, nn.Tanh()), nn.CrossEntropyLoss(), (X, y))
    floor = math.log1p(2 * math.exp(-2))
    assert f"cannot fall below {floor:.3f}" in said[0].message


def test_a_range_on_numbers_has_a_floor() -> None:
    y = torch.linspace(-3, 3, 12)[:, None]
    floor = ((y.abs() - 1).clamp(min=0) ** 2).mean().item()
    said = dovetail.diagnose(mlp(1, nn.Tanh()), nn.MSELoss(), (X, y))
    assert f"cannot fall below {floor:.4g}" in said[0].message


@pytest.mark.parametrize(
    "loss",
    [nn.MSELoss(), nn.L1Loss(), nn.HuberLoss(delta=0.5), nn.SmoothL1Loss(beta=2.0)],
    ids=lambda loss: type(loss).__name__,
)
def test_the_null_loss_is_that_of_the_best_constant(loss: nn.Module) -> None:
    y = torch.randn(40, 1) ** 3
    recorder = Recorder()
    with recorder.during("loss"):
        loss(torch.zeros(40, 1), y)
    grid = torch.linspace(-3, 3, 6001)
    best = min(loss(c.expand(40, 1), y).item() for c in grid)
    null = null_loss(recorder.record.calls[0])
    assert null is not None
    assert null == pytest.approx(best, rel=1e-4)


def test_bfloat16_loses_an_update_of_1e_minus_4() -> None:
    # The page of step-changes-nothing says so.
    for weight in (0.0625, 0.1, 1.0):
        w = torch.tensor(weight, dtype=torch.bfloat16)
        assert w + 1e-4 == w
    assert torch.tensor(0.01, dtype=torch.bfloat16) + 1e-4 != torch.tensor(
        0.01, dtype=torch.bfloat16
    )


def test_two_for_yes_has_no_floor() -> None:
    # The page of label-out-of-range says so: log(1 + e^z) - 2z.
    z = torch.tensor([10.0, 100.0], dtype=torch.float64)
    loss = F.binary_cross_entropy_with_logits(
        z, torch.full_like(z, 2.0), reduction="none"
    )
    assert torch.allclose(loss, torch.log1p(z.exp()) - 2 * z)
    assert loss[1] < loss[0] < 0
