"""Small networks that the tests share."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def mlp(outputs: int, *last: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, outputs), *last)


def moody(outputs: int, *last: nn.Module) -> nn.Sequential:
    """With layers that do otherwise in training."""
    layers = [nn.Linear(6, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Dropout(0.2)]
    return nn.Sequential(*layers, nn.Linear(12, outputs), *last)


class Attention(nn.Module):
    """Two legitimate softmaxes deep inside."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.attend = nn.MultiheadAttention(8, 2, batch_first=True)
        self.query, self.head = nn.Linear(8, 1), nn.Linear(8, 3)

    def forward(self, tokens: Tensor) -> Tensor:
        e = self.embed(tokens)
        z, _ = self.attend(e, e, e)
        return self.head((self.query(z).softmax(1) * z).sum(1))


class Language(nn.Module):
    """An LSTM that takes time first, with tied weights if asked."""

    def __init__(self, *, tied: bool = False) -> None:
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.lstm = nn.LSTM(8, 8)
        self.head = nn.Linear(8, 20)
        if tied:
            self.head.weight = self.embed.weight

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.lstm(self.embed(tokens))[0])


class Tagger(nn.Module):
    """One sentence at a time, without an axis for the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(20, 6)
        self.lstm, self.head = nn.LSTM(6, 6), nn.Linear(6, 5)

    def forward(self, words: Tensor) -> Tensor:
        states, _ = self.lstm(self.embed(words).view(len(words), 1, -1))
        return F.log_softmax(self.head(states.view(len(words), -1)), dim=1)


class VAE(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encode, self.decode = nn.Linear(6, 8), nn.Linear(2, 6)
        self.mu, self.log_var = nn.Linear(8, 2), nn.Linear(8, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = self.encode(x).relu()
        mu, log_var = self.mu(h), self.log_var(h)
        z = mu + torch.randn_like(mu) * (log_var / 2).exp()
        return self.decode(z).sigmoid(), mu, log_var


def vae_loss(output: tuple[Tensor, Tensor, Tensor], x: Tensor) -> Tensor:
    again, mu, log_var = output
    rebuilt = F.binary_cross_entropy(again, x, reduction="sum")
    return rebuilt - 0.5 * (1 + log_var - mu**2 - log_var.exp()).sum()


class Distilled(nn.Module):
    """A student and its teacher in one module."""

    def __init__(self) -> None:
        super().__init__()
        self.student, self.teacher = mlp(3), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            taught = self.teacher(x)
        return self.student(x), taught


def distillation(output: tuple[Tensor, Tensor], y: Tensor) -> Tensor:
    own, taught = output
    soft = F.kl_div(
        F.log_softmax(own / 2, 1), F.softmax(taught / 2, 1), reduction="batchmean"
    )
    return F.cross_entropy(own, y) + 4 * soft


class Heads(nn.Module):
    """Several outputs in a dict, the loss on the first."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.head = nn.Linear(6, 6), nn.Linear(6, 3)
        self.value = nn.Linear(6, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        f = self.body(x).relu()
        scores = self.head(f)
        return {"logits": scores, "probs": scores.softmax(1), "value": self.value(f)}


class Contrast(nn.Module):
    """One column for each row of the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(6, 4), nn.Linear(6, 4)
        self.scale = nn.Parameter(torch.tensor(1.0))

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        left, right = F.normalize(self.a(a), dim=1), F.normalize(self.b(b), dim=1)
        return left @ right.t() * self.scale.exp()


class Experts(nn.Module):
    """A gate between experts, or a mixture of their laws."""

    def __init__(self, *, laws: bool = False) -> None:
        super().__init__()
        self.laws, self.gate = laws, nn.Linear(6, 2)
        self.experts = nn.ModuleList([nn.Linear(6, 3), nn.Linear(6, 3)])

    def forward(self, x: Tensor) -> Tensor:
        share = self.gate(x).softmax(1)
        answers = [expert(x) for expert in self.experts]
        if self.laws:
            answers = [answer.softmax(1) for answer in answers]
        mixed = sum(share[:, i : i + 1] * a for i, a in enumerate(answers))
        assert isinstance(mixed, Tensor)
        return mixed.log() if self.laws else mixed


class Gaussian(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = mlp(2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        out = self.net(x)
        return out[:, :1], F.softplus(out[:, 1:]) + 1e-6


class Graph(nn.Module):
    """A layer over neighbours that a matrix of the batch's size names."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("adjacency", torch.rand(16, 16))
        self.layer = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.adjacency @ self.layer(x)


class Capped(nn.Module):
    """Scores that are capped softly; dropout that is never off."""

    def __init__(self) -> None:
        super().__init__()
        self.net = mlp(3)

    def forward(self, x: Tensor) -> Tensor:
        return 30 * torch.tanh(self.net(F.dropout(x, 0.5)) / 30)


class Cosine(nn.Module):
    """A similarity scaled to [0, 1]."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 6))

    def forward(self, x: Tensor) -> Tensor:
        return (F.normalize(x, dim=1) @ F.normalize(self.weight, dim=1).t() + 1) / 2


class Listed(nn.Module):
    """A layer in a plain list."""

    def __init__(self) -> None:
        super().__init__()
        self.layers, self.head = [nn.Linear(6, 6)], nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.layers[0](x).relu())


class PlainTensor(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.randn(6, 3, requires_grad=True)
        self.bias = nn.Parameter(torch.zeros(3))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight + self.bias


class MadeInForward(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(nn.Linear(6, 6)(x).relu())


class Cut(nn.Module):
    """The graph is cut behind the body."""

    def __init__(self, how: str = "detach") -> None:
        super().__init__()
        self.how = how
        self.body, self.head = nn.Linear(6, 6), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        if self.how == "unused":
            return self.head(x)
        f = self.body(x).relu()
        if self.how == "argmax":
            return self.head(f).argmax(1).float()
        cut = {"detach": f.detach, "data": lambda: f.data}
        cut["numpy"] = lambda: torch.from_numpy(f.detach().numpy())
        return self.head(cut[self.how]())


class Centred(nn.Module):
    """Takes the batch's mean off, in evaluation too."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(x - x.mean(0))


class Recurrent(nn.Module):
    def __init__(self, *, batch_first: bool) -> None:
        super().__init__()
        self.lstm = nn.LSTM(6, 8, batch_first=batch_first)
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.lstm(x)[0][:, -1])
