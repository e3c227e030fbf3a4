"""Numbers worked out by hand; the working stands in the comments."""

from math import e, log, pi

import pytest
import torch

from dovetail import links
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
)

NAN, INF = float("nan"), float("inf")


def golden(loss, raw, target, expected):
    target = torch.tensor(target)
    target = target.double() if target.is_floating_point() else target
    found = loss(torch.tensor(raw, dtype=torch.float64), target)
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64))


def test_binary():
    # sigmoid(log 3) = 3/4: a yes costs -log 3/4, a no -log 1/4.
    golden(
        BinaryCrossEntropy(),
        [[log(3)], [log(3)], [log(3)]],
        [[1.0], [0.0], [0.5]],
        [log(4 / 3), log(4), (log(4 / 3) + log(4)) / 2],
    )


def test_binary_weight_and_smoothing():
    # The weight touches the yes side only.
    golden(
        BinaryCrossEntropy(pos_weight=5),
        [[log(3)], [log(3)]],
        [[1.0], [0.0]],
        [5 * log(4 / 3), log(4)],
    )
    # Smoothing 0.2 turns yes into 0.9 yes and 0.1 no.
    golden(
        BinaryCrossEntropy(smoothing=0.2),
        [[log(3)]],
        [[1.0]],
        [0.9 * log(4 / 3) + 0.1 * log(4)],
    )


def test_softmax():
    # Probabilities 1/4, 1/4, 1/2.
    raw = [[0.0, 0.0, log(2)]]
    golden(SoftmaxCrossEntropy(), raw, [0], [log(4)])
    golden(SoftmaxCrossEntropy(), raw, [2], [log(2)])
    golden(SoftmaxCrossEntropy(), raw, [[0.5, 0.0, 0.5]], [(log(4) + log(2)) / 2])
    golden(SoftmaxCrossEntropy(weight=(2, 1, 3)), raw, [2], [3 * log(2)])
    # Smoothing 0.3: target 0.1, 0.1, 0.8.
    golden(SoftmaxCrossEntropy(smoothing=0.3), raw, [2], [0.2 * log(4) + 0.8 * log(2)])
    # Both: each class's share times its weight.
    golden(
        SoftmaxCrossEntropy(smoothing=0.3, weight=(2, 1, 3)),
        raw,
        [2],
        [0.1 * 2 * log(4) + 0.1 * log(4) + 0.8 * 3 * log(2)],
    )


def test_softmax_of_masked_classes():
    # The masked class has probability 0; the two others 1/2 each.
    raw = [[0.0, 0.0, -INF]]
    golden(SoftmaxCrossEntropy(), raw, [0], [log(2)])
    golden(SoftmaxCrossEntropy(), raw, [2], [INF])
    golden(SoftmaxCrossEntropy(), raw, [[0.5, 0.5, 0.0]], [log(2)])
    # Smoothing goes to classes that are not masked: 0.9, 0.1.
    raw = [[log(3), 0.0, -INF]]
    golden(
        SoftmaxCrossEntropy(smoothing=0.2), raw, [0], [0.9 * log(4 / 3) + 0.1 * log(4)]
    )
    # All but one masked: certain.
    golden(SoftmaxCrossEntropy(), [[-INF, 7.0]], [1], [0.0])
    golden(SoftmaxCrossEntropy(smoothing=0.5), [[-INF, 7.0]], [1], [0.0])


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("target", [[0], [[0.25, 0.75, 0.0]]])
def test_gradient_of_masked_classes_is_zero(target, smoothing):
    raw = torch.tensor([[1.0, 2.0, -INF]], requires_grad=True)
    SoftmaxCrossEntropy(smoothing=smoothing)(raw, torch.tensor(target)).backward()
    assert raw.grad[0, 2] == 0
    assert raw.grad.isfinite().all()
    torch.testing.assert_close(raw.grad.sum(), torch.tensor(0.0))


def test_multi_label():
    # Cells cost log 2 and -log 1/4; the row is their mean.
    golden(
        MultiLabelCrossEntropy(),
        [[0.0, log(3)]],
        [[1.0, 0.0]],
        [(log(2) + log(4)) / 2],
    )
    # An unknown label does not count; a row of unknown labels is 0.
    golden(
        MultiLabelCrossEntropy(),
        [[5.0, log(3)], [1.0, 1.0]],
        [[NAN, 0.0], [NAN, NAN]],
        [log(4), 0.0],
    )
    golden(
        MultiLabelCrossEntropy(pos_weight=(3, 7)),
        [[0.0, log(3)]],
        [[1.0, 1.0]],
        [(3 * log(2) + 7 * log(4 / 3)) / 2],
    )


def test_unknown_labels_have_no_gradient():
    raw = torch.tensor([[5.0, -1e4, 1.0], [1.0, 1.0, 1.0]], requires_grad=True)
    target = torch.tensor([[1.0, NAN, 0.0], [NAN, NAN, NAN]])
    MultiLabelCrossEntropy()(raw, target).sum().backward()
    assert raw.grad[0, 1] == 0
    assert (raw.grad[1] == 0).all()
    assert (raw.grad[0, [0, 2]] != 0).all()


def test_multi_hot():
    # Probabilities 1/4, 1/4, 1/2; the row has the first and the last label.
    golden(
        MultiHotCrossEntropy(),
        [[0.0, 0.0, log(2)]],
        [[1.0, 0.0, 1.0]],
        [(log(4) + log(2)) / 2],
    )


def test_residuals():
    raw, target = [[0.0, 0.0]], [[3.0, -0.5]]
    golden(Squared(), raw, target, [(9 + 0.25) / 2])
    golden(Absolute(), raw, target, [(3 + 0.5) / 2])
    # delta 1: 1 * (3 - 1/2) and 0.25 / 2.
    golden(Huber(), raw, target, [(2.5 + 0.125) / 2])
    # delta 2: 2 * (3 - 1) and 0.25 / 2.
    golden(Huber(delta=2), raw, target, [(4 + 0.125) / 2])
    # beta 2: 3 - 1 and 0.25 / 4.
    golden(SmoothL1(beta=2), raw, target, [(2 + 0.0625) / 2])
    golden(SmoothL1(beta=0), raw, target, [(3 + 0.5) / 2])
    # cosh(log 2) = (2 + 1/2) / 2.
    golden(LogCosh(), [[log(2)]], [[0.0]], [log(1.25)])


def test_pinball():
    # Above the quantile a miss of 2 costs tau * 2, below it (1 - tau) * 2.
    golden(Pinball(taus=(0.9,)), [[0.0], [0.0]], [[2.0], [-2.0]], [1.8, 0.2])
    golden(Pinball(taus=(0.1, 0.9)), [[0.0, 3.0]], [[2.0]], [0.1 * 2 + 0.1 * 1])


def test_corn():
    # sigmoid(log 3) = 3/4 of passing each of two steps.
    golden(
        CORN(),
        [[log(3), log(3)]] * 3,
        [0, 1, 2],
        [log(4), log(4 / 3) + log(4), 2 * log(4 / 3)],
    )


def test_corn_is_minus_the_log_of_its_probability():
    raw = torch.tensor([[0.3, -1.2, 2.0]] * 4).double()
    index = torch.arange(4)
    probs = links.corn_probs(raw)
    torch.testing.assert_close(probs.sum(1), torch.ones(4).double())
    torch.testing.assert_close(CORN()(raw, index), -probs[index, index].log())


def test_poisson():
    # Mean e, count 2: -log(e^2 exp(-e) / 2!) = e - 2 + log 2.
    golden(Poisson(), [[1.0]], [[2.0]], [e - 2 + log(2)])
    # Mean 1, count 0: exp(-1).
    golden(Poisson(), [[0.0]], [[0.0]], [1.0])
    # At the mean itself, count a million: Stirling, 1 / (12 y) included.
    golden(Poisson(), [[log(1e6)]], [[1e6]], [0.5 * log(2 * pi * 1e6) + 1 / 12e6])


def test_best_constants():
    def best(loss, target, k, weights=None):
        weights = None if weights is None else torch.tensor(weights)
        return loss.best_constant(torch.tensor(target), k, weights).tolist()

    approx = pytest.approx
    # Three yes of four: (3 + 1) / (1 + 1).
    assert best(BinaryCrossEntropy(), [[1.0], [1], [1], [0]], 1) == approx([log(2)])
    assert best(BinaryCrossEntropy(pos_weight=10), [[1.0], [0]], 1) == approx([log(10)])
    # Counts 3, 1, 0 of four in three classes: 4/7, 2/7, 1/7.
    assert best(SoftmaxCrossEntropy(), [0, 0, 1, 0], 3) == approx(
        [log(4 / 7), log(2 / 7), log(1 / 7)]
    )
    # Known cells only: one yes of one; no yes of two.
    assert best(MultiLabelCrossEntropy(), [[1.0, 0.0], [NAN, 0.0]], 2) == approx(
        [log(2 / 1), log(1 / 3)]
    )
    assert best(Squared(), [[1.0, 5.0], [4.0, 5.0]], 2) == approx([2.5, 5])
    assert best(Squared(), [[1.0], [4.0]], 1, [2.0, 1.0]) == approx([2])
    assert best(Absolute(), [[1.0], [9], [2]], 1) == approx([2])
    assert best(Absolute(), [[1.0], [9], [2], [3]], 1) == approx([2.5])
    assert best(Absolute(), [[1.0], [9], [2]], 1, [1.0, 5, 1]) == approx([9])
    # Ten numbers: a tenth of them is exactly one, so between the first two.
    ten = [[float(v)] for v in range(10)]
    assert best(Pinball(taus=(0.1, 0.25)), ten, 2) == approx([0.5, 2])
    assert best(Poisson(), [[0.0], [3.0]], 1) == approx([log(1.5)])
    assert best(Poisson(), [[0.0], [0.0]], 1) == approx([log(0.25)])
    # Ranks 0, 1, 1, 2: three of four above 0, one of three above 1.
    assert best(CORN(), [0, 1, 1, 2], 2) == approx([log(4 / 2), log(2 / 3)])
    # Found by search: symmetric about 3, and an outlier that pulls with delta only:
    # (0 - z) + (1 - z) + 1 = 0 at z = 1.
    assert best(LogCosh(), [[1.0], [5.0]], 1) == approx([3], abs=1e-6)
    assert best(Huber(), [[0.0], [1.0], [100.0]], 1) == approx([1], abs=1e-6)


def test_custom_must_give_one_value_per_row():
    raw, target = torch.zeros(3, 2), torch.ones(3, 2)
    wrong = {
        "scalar": lambda z, y: (z - y).square().mean(),
        r"\(3, 2\)": lambda z, y: (z - y).square(),
        "float": lambda z, y: 0.5,
    }
    for came, function in wrong.items():
        with pytest.raises(ValueError, match=came):
            Custom(function=function)(raw, target)
    with pytest.raises(ValueError, match="reduction='none'"):
        Custom(function=wrong["scalar"])(raw, target)


@pytest.mark.parametrize(
    ("loss", "formula"),
    [
        (BinaryCrossEntropy(), "-y log sig(z) - (1 - y) log sig(-z)"),
        (
            BinaryCrossEntropy(pos_weight=3, smoothing=0.1),
            "-w y log sig(z) - (1 - y) log sig(-z), w = 3, "
            "y being (1 - e) y + e / 2, e = 0.1",
        ),
        (SoftmaxCrossEntropy(), "log sum_k exp(z_k) - z_y"),
        (
            SoftmaxCrossEntropy(weight=(1, 0.5)),
            "w_y (log sum_k exp(z_k) - z_y), w = (1, 0.5)",
        ),
        (
            SoftmaxCrossEntropy(smoothing=0.1),
            "sum_k t_k (log sum_j exp(z_j) - z_k), "
            "t_k = (1 - e) [k = y] + e / C, e = 0.1",
        ),
        (
            MultiLabelCrossEntropy(pos_weight=(1, 2)),
            "mean over known labels of -w_j y_j log sig(z_j) "
            "- (1 - y_j) log sig(-z_j), w = (1, 2)",
        ),
        (
            Pinball(taus=(0.9,)),
            "max(tau r, (tau - 1) r), r = y - z, tau = 0.9",
        ),
        (SmoothL1(beta=0), "|y - z|"),
    ],
)
def test_the_formula_holds_what_is_set(loss, formula):
    assert loss.formula == formula


def test_what_is_estimated():
    assert Pinball(taus=(0.9,)).estimates == "the 0.9 quantile"
    assert Pinball(taus=(0.1, 0.5)).estimates == "the quantiles (0.1, 0.5)"
    assert SmoothL1(beta=0).estimates == "the median"
    assert SmoothL1().estimates == "a value between mean and median"
