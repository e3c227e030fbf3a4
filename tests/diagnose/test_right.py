"""Right programs that look suspicious: not one finding, not even a hint."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import dovetail
from dovetail import losses
from tests.diagnose.programs import (
    VAE,
    Attention,
    Capped,
    Contrast,
    Cosine,
    Distilled,
    Experts,
    Gaussian,
    Graph,
    Heads,
    Language,
    Tagger,
    distillation,
    mlp,
    moody,
    vae_loss,
)

torch.manual_seed(5)  # the networks below are made once, when this is imported
X = torch.randn(16, 6)
Y = torch.arange(16) % 3
YES = (torch.arange(16) % 2).float().unsqueeze(1)
LABELS = (torch.arange(64).view(16, 4) % 3 == 0).float()
NUMBER = torch.randn(16, 1)
SOFT = torch.randn(16, 3).softmax(1)
ONE_HOT = F.one_hot(Y, 3).float()
TOKENS = torch.randint(0, 20, (16, 7))
IMAGES = torch.randn(4, 3, 8, 8)
MASKS = torch.randint(0, 4, (4, 8, 8))
HOLES = MASKS.clone()
HOLES[:, :2] = 255
CE, NLL, BCE = nn.CrossEntropyLoss(), nn.NLLLoss(), nn.BCELoss()
LOGITS, MSE = nn.BCEWithLogitsLoss(), nn.MSELoss()
TEACHER = mlp(3)


def flat(scores: Tensor, tokens: Tensor) -> Tensor:
    return F.cross_entropy(scores.reshape(-1, 20), tokens.reshape(-1))


def mixup(scores: Tensor, y: Tensor) -> Tensor:
    return 0.3 * F.cross_entropy(scores, y) + 0.7 * F.cross_entropy(scores, y.flip(0))


def taught(scores: Tensor, y: Tensor) -> Tensor:
    with torch.no_grad():
        teacher = TEACHER(X)
    return distillation((scores, teacher), y)


def focal(z: Tensor, y: Tensor) -> Tensor:
    p = z.sigmoid()
    right = p * y + (1 - p) * (1 - y)
    each = F.binary_cross_entropy_with_logits(z, y, reduction="none")
    return ((1 - right) ** 2 * each).mean()


def dice_too(z: Tensor, y: Tensor) -> Tensor:
    share = F.one_hot(y, 4).permute(0, 3, 1, 2)
    return F.cross_entropy(z, y) + 1 - (z.softmax(1) * share).mean()


def pinball(z: Tensor, y: Tensor) -> Tensor:
    tau, r = torch.tensor([0.1, 0.5, 0.9]), y - z
    return torch.maximum(tau * r, (tau - 1) * r).mean()


def pairwise(z: Tensor, y: Tensor) -> Tensor:
    return F.softplus(-(z - z.t()) * (y - y.t()).sign()).mean()


def pairwise_rows(z: Tensor, y: Tensor) -> Tensor:
    s, t = z[:, 0], y[:, 0]
    return F.softplus(-(s.unsqueeze(1) - s) * (t.unsqueeze(1) - t).sign()).mean()


def quantile_td(z: Tensor, y: Tensor) -> Tensor:
    return F.smooth_l1_loss(z.unsqueeze(1), y.unsqueeze(2))


def masked_mean(z: Tensor, y: Tensor) -> Tensor:
    each = F.cross_entropy(z, y, reduction="none")
    return (each * (y > 0)).sum() / (y > 0).sum()


def policy(z: Tensor, action: Tensor) -> Tensor:
    return -(z.log_softmax(-1).gather(1, action[:, None])[:, 0] * NUMBER[:, 0]).mean()


def contrast(z: Tensor, y: Tensor) -> Tensor:
    return (F.cross_entropy(z, y) + F.cross_entropy(z.t(), y)) / 2


def ctc(z: Tensor, y: Tensor) -> Tensor:
    lengths = torch.full((4,), 12), torch.full((4,), 3)
    return F.ctc_loss(z.log_softmax(-1), y, *lengths)


def reverse_kl(z: Tensor, y: Tensor) -> Tensor:
    return F.kl_div(y.log(), z.log_softmax(1), log_target=True, reduction="batchmean")


def nll_of_gaussian(output: Any, y: Tensor) -> Tensor:
    return F.gaussian_nll_loss(output[0], y, output[1])


def segmenter() -> nn.Module:
    layers = [nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU()]
    return nn.Sequential(*layers, nn.Conv2d(8, 4, 1))


def frozen() -> nn.Module:
    net = mlp(3)
    net[0].requires_grad_(False)
    return net


def zero_head() -> nn.Module:
    net = mlp(3)
    nn.init.zeros_(net[2].weight)
    nn.init.zeros_(net[2].bias)
    return net


class Sequential(nn.Sequential):
    """ReLU behind the classifier, then a mean over places: SqueezeNet by design."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).mean((2, 3))


class Policy(nn.Module):
    """Softmax in evaluation only."""

    def __init__(self) -> None:
        super().__init__()
        self.net = mlp(3)

    def forward(self, x: Tensor) -> Tensor:
        scores = self.net(x)
        return scores if self.training else scores.softmax(1)


class Masked(nn.Module):
    """Actions that are not allowed, and a reference class whose score is 0."""

    def __init__(self) -> None:
        super().__init__()
        self.net = mlp(2)

    def forward(self, x: Tensor) -> Tensor:
        scores = torch.cat([x.new_zeros(len(x), 1), self.net(x)], 1)
        forbidden = torch.tensor([False, False, False, True])
        scores = F.pad(scores, (0, 1))
        return scores.masked_fill(forbidden, float("-inf"))


class Squeezed(nn.Module):
    """A squeeze of two units, both of which are 0 for this batch."""

    def __init__(self) -> None:
        super().__init__()
        self.squeeze, self.excite = nn.Linear(6, 2), nn.Linear(2, 6)
        self.head = nn.Linear(6, 3)
        nn.init.constant_(self.squeeze.bias, -9.0)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(x * self.excite(self.squeeze(x).relu()).sigmoid())


class Encoder(nn.Module):
    """Gives the states, and a pooled vector beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.states, self.pooler = nn.Linear(6, 8), nn.Sequential(nn.Linear(8, 8))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        states = self.states(x).tanh()
        return states, self.pooler(states)


class Encoded(nn.Module):
    """Takes the states only: the pooler gets no gradient, as in many a fine-tuning."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.head = Encoder(), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.encoder(x)[0])


class Transformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.embed, self.head = nn.Embedding(20, 8), nn.Linear(8, 20)
        self.body = nn.TransformerEncoder(layer, 1)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.body(self.embed(tokens)))


PROGRAMS: dict[str, tuple[nn.Module, Any, Any]] = {
    "classes": (moody(3), CE, (X, Y)),
    "two classes": (mlp(2), CE, (X, YES[:, 0].long())),
    "smoothed": (mlp(3), nn.CrossEntropyLoss(label_smoothing=0.1), (X, Y)),
    "weighted": (mlp(3), nn.CrossEntropyLoss(weight=torch.ones(3)), (X, Y)),
    "soft labels": (mlp(3), CE, (X, SOFT)),
    "mixup": (mlp(3), mixup, (X, Y)),
    "mixed one-hot": (mlp(3), CE, (X, 0.3 * ONE_HOT + 0.7 * ONE_HOT.flip(0))),
    "log-softmax, NLL": (mlp(3, nn.LogSoftmax(1)), NLL, (X, Y)),
    "softmax in evaluation": (Policy(), CE, (X, Y)),
    "yes or no": (moody(1), LOGITS, (X, YES)),
    "sigmoid, BCE": (mlp(1, nn.Sigmoid()), BCE, (X, YES)),
    "hard sigmoid, BCE": (mlp(1, nn.Hardsigmoid()), BCE, (X, YES)),
    "clamped sigmoid, BCE": (
        mlp(1, nn.Sigmoid()),
        lambda p, y: BCE(p.clamp(1e-6, 1 - 1e-6), y),
        (X, YES),
    ),
    "softmax, BCE of one-hot": (mlp(3, nn.Softmax(1)), BCE, (X, ONE_HOT)),
    "cosine, BCE": (Cosine(), BCE, (X, ONE_HOT)),
    "labels": (moody(4), LOGITS, (X, LABELS)),
    "labels, soft margin": (mlp(4), nn.MultiLabelSoftMarginLoss(), (X, LABELS)),
    "labels, weighted": (
        mlp(4),
        nn.BCEWithLogitsLoss(pos_weight=torch.full((4,), 3.0)),
        (X, LABELS),
    ),
    "one weight for all": (
        mlp(4),
        nn.BCEWithLogitsLoss(pos_weight=torch.tensor([3.0])),
        (X, LABELS),
    ),
    "focal": (mlp(4), focal, (X, LABELS)),
    "signs": (mlp(1), nn.SoftMarginLoss(), (X, 2 * YES - 1)),
    "margins": (mlp(3), nn.MultiMarginLoss(), (X, Y)),
    "squares": (moody(1), MSE, (X, NUMBER)),
    "squares of a row": (mlp(1, nn.Flatten(0)), MSE, (X, NUMBER[:, 0])),
    "distances": (mlp(1), nn.L1Loss(), (X, NUMBER)),
    "huber": (mlp(1), nn.HuberLoss(), (X, NUMBER)),
    "counts": (mlp(1), nn.PoissonNLLLoss(), (X, NUMBER.abs().round())),
    "mean and variance": (Gaussian(), nll_of_gaussian, (X, NUMBER)),
    "quantiles": (mlp(3), pinball, (X, NUMBER)),
    "tanh in its range": (mlp(1, nn.Tanh()), MSE, (X, NUMBER.clamp(-1, 1))),
    "softplus of rates": (mlp(1, nn.Softplus()), MSE, (X, NUMBER.abs())),
    "brier": (mlp(3, nn.Softmax(1)), MSE, (X, ONE_HOT)),
    "many samples, one target": (mlp(3), MSE, (X, NUMBER.expand(16, 3))),
    "a scalar target": (mlp(1), lambda z, y: F.mse_loss(z, y.mean()), (X, NUMBER)),
    "pairs": (mlp(1), pairwise, (X, NUMBER)),
    "pairs of rows": (mlp(1), pairwise_rows, (X, NUMBER)),
    "distributional": (mlp(5), quantile_td, (X, torch.randn(16, 5))),
    "divergence": (
        mlp(3, nn.LogSoftmax(1)),
        nn.KLDivLoss(reduction="batchmean"),
        (X, SOFT),
    ),
    "reverse divergence": (mlp(3), reverse_kl, (X, SOFT)),
    "attention": (Attention(), CE, (TOKENS, Y)),
    "transformer": (Transformer(), flat, (TOKENS, TOKENS)),
    "transformer, classes second": (
        Transformer(),
        lambda z, y: F.cross_entropy(z.transpose(1, 2), y),
        (TOKENS, TOKENS),
    ),
    "language model, time first": (Language(), flat, (TOKENS.t(), TOKENS.t())),
    "tied weights": (Language(tied=True), flat, (TOKENS.t(), TOKENS.t())),
    "tagger": (Tagger(), NLL, (TOKENS[0], TOKENS[0] % 5)),
    "segmentation": (
        segmenter(),
        nn.CrossEntropyLoss(ignore_index=255),
        (IMAGES, HOLES),
    ),
    "segmentation with dice": (segmenter(), dice_too, (IMAGES, MASKS)),
    "segmentation, NLL": (
        nn.Sequential(nn.Conv2d(3, 4, 1), nn.LogSoftmax(1)),
        NLL,
        (IMAGES, MASKS),
    ),
    "binary masks": (
        nn.Conv2d(3, 1, 1),
        LOGITS,
        (IMAGES, (MASKS > 1).float()[:, None]),
    ),
    "places averaged": (
        Sequential(nn.Conv2d(3, 4, 1), nn.ReLU()),
        CE,
        (IMAGES, torch.arange(4)),
    ),
    "speech": (nn.Linear(6, 5), ctc, (torch.randn(12, 4, 6), torch.ones(4, 3).long())),
    "distillation": (mlp(3), taught, (X, Y)),
    "distillation in one": (Distilled(), distillation, (X, Y)),
    "vae": (VAE(), vae_loss, (torch.rand(16, 6),)),
    "autoencoder": (nn.Sequential(nn.Linear(6, 3), nn.Linear(3, 6)), MSE, X),
    "gate": (Experts(), CE, (X, Y)),
    "mixture": (Experts(laws=True), NLL, (X, Y)),
    "capped": (Capped(), CE, (X, Y)),
    "several outputs": (Heads(), CE, (X, Y)),
    "contrast": (Contrast(), contrast, (X, X.flip(0), torch.arange(16))),
    "masked actions": (Masked(), CE, (X, Y)),
    "a narrow layer at rest": (Squeezed(), CE, (X, Y)),
    "a pooler that is not used": (Encoded(), CE, (X, Y)),
    "graph": (Graph(), CE, (X, Y)),
    "policy": (mlp(2), policy, (X, YES[:, 0].long())),
    "one action": (
        mlp(2, nn.Softmax(-1)),
        lambda p, a: -p.log().gather(1, a[:, None]).mean(),
        (X, YES[:, 0].long()),
    ),
    "mean over what is kept": (mlp(3), masked_mean, (X, Y)),
    "one class in this batch": (mlp(3), CE, (X, torch.ones(16).long())),
    "frozen": (frozen(), CE, (X, Y)),
    "zero head": (zero_head(), CE, (X, Y)),
    "ours: classes": (mlp(3), losses.SoftmaxCrossEntropy(), (X, Y)),
    "ours: labels": (mlp(4), losses.MultiLabelCrossEntropy(), (X, LABELS)),
    "ours: counts": (mlp(1), losses.Poisson(), (X, NUMBER.abs().round())),
    "ours: numbers": (mlp(1), losses.Huber(), (X, NUMBER)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_right_program(name: str) -> None:
    model, loss, batch = PROGRAMS[name]
    assert dovetail.diagnose(model, loss, batch) == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_right_program_with_its_optimizer(name: str) -> None:
    model, loss, batch = PROGRAMS[name]
    if name == "distillation in one":
        optimizer = torch.optim.Adam(model.get_submodule("student").parameters())
    elif name == "several outputs":
        # "value" is trained by another loss: it gets no gradient from this one
        optimizer = torch.optim.Adam(model.parameters())
    else:
        optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad])
    assert dovetail.diagnose(model, loss, batch, optimizer=optimizer) == []


def test_two_optimizers_given_or_not() -> None:
    model = mlp(3)
    one = torch.optim.SGD(model[0].parameters(), lr=0.1)
    two = torch.optim.SGD(model[2].parameters(), lr=0.1)
    assert dovetail.diagnose(model, CE, (X, Y), optimizer=[one, two]) == []
    assert dovetail.diagnose(model, CE, (X, Y), optimizer=one) == []
    del two
    assert len(dovetail.diagnose(model, CE, (X, Y), optimizer=one)) == 1


def test_a_warm_up_from_zero() -> None:
    model = mlp(3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: step / 10)
    assert optimizer.param_groups[0]["lr"] == 0
    assert dovetail.diagnose(model, CE, (X, Y), optimizer=optimizer) == []


def test_groups_and_a_closure() -> None:
    model = mlp(3)
    groups = [{"params": model[0].parameters()}, {"params": model[2].parameters()}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3)
    assert dovetail.diagnose(model, CE, (X, Y), optimizer=optimizer) == []
    search = torch.optim.LBFGS(model.parameters())
    assert dovetail.diagnose(model, CE, (X, Y), optimizer=search) == []


def test_a_generator_and_its_judge() -> None:
    generator, judge = mlp(6), mlp(1)
    real = torch.ones(16, 1)

    def judged(scores: Tensor, y: Tensor) -> Tensor:
        return LOGITS(scores, y) + LOGITS(judge(generator(X).detach()), 1 - y)

    assert dovetail.diagnose(judge, judged, (X, real)) == []
    found = dovetail.diagnose(generator, lambda g, y: LOGITS(judge(g), y), (X, real))
    assert found == []


@pytest.mark.parametrize("seed", range(5))
def test_a_random_head_is_no_hint_however_rare_the_labels(seed: int) -> None:
    torch.manual_seed(seed)
    rare = torch.zeros(32, 478)
    rare[:, :3] = 1.0
    assert dovetail.diagnose(mlp(478), LOGITS, (torch.randn(32, 6), rare)) == []
    many = torch.zeros(32).long()
    assert dovetail.diagnose(mlp(100), CE, (torch.randn(32, 6), many)) == []
