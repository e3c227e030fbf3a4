"""What is followed through a project, and what is right and must stay unsaid."""

from pathlib import Path

import pytest

from dovetail.doctor import check
from dovetail.doctor._base import Severity

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
NET = """
class Net(nn.Module):
    def __init__(self, probs=True):
        super().__init__()
        self.fc = nn.Linear(4, 3)
        self.probs = probs

    def forward(self, x):
        x = self.fc(x)
        if self.probs:
            x = F.softmax(x, dim=1)
        return x
"""


def codes(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        path = folder / name
        path = path.with_name(f"{path.name}.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [f.code for f in check(folder) if f.severity is not Severity.HINT]


WRONG = {
    "three files": {
        "models/net": HEAD + NET,
        "models/__init__": "from .net import Net\n",
        "losses": HEAD + "def make(name):\n    return getattr(nn, name)()\n",
        "train": HEAD
        + "from models import Net\nfrom losses import make\n"
        + "def step(m, c, x, y):\n    return c(m(x), y)\n"
        + "def main(x, y):\n    step(Net(), make('CrossEntropyLoss'), x, y)\n",
    },
    "trainer with a setter": {
        "a": HEAD
        + NET
        + """
class Trainer:
    def __init__(self, model):
        self.model, self.loss = model, None
    def compile(self, loss):
        self.loss = loss
    def step(self, x, y):
        return self.loss(self.model(x), y)
t = Trainer(Net())
t.compile(nn.CrossEntropyLoss())
"""
    },
    "a head put on": {
        "a": HEAD
        + "from torchvision import models\nm = models.resnet18()\n"
        + "m.fc = nn.Sequential(nn.Linear(512, 3), nn.Softmax(dim=1))\n"
        + "loss = nn.CrossEntropyLoss()(m(x), y)\n"
    },
    "filled key by key": {
        "a": HEAD
        + "from collections import OrderedDict\nd = OrderedDict()\n"
        + "d['fc'] = nn.Linear(4, 3)\nd['out'] = nn.Softmax(dim=1)\n"
        + "m = nn.Sequential(d)\nF.cross_entropy(m(x), y)\n"
    },
    "second of a tuple": {
        "a": HEAD
        + "def both(z):\n    return z, torch.softmax(z, 1)\n"
        + "_, p = both(nn.Linear(4, 3)(x))\nF.cross_entropy(p, y)\n"
    },
    "lightning": {
        "a": HEAD
        + "import lightning as L\n"
        + NET
        + """
class Lit(L.LightningModule):
    def __init__(self, net):
        super().__init__()
        self.net = net
        self.criterion = nn.CrossEntropyLoss()
    def forward(self, x):
        return self.net(x)
    def training_step(self, batch, i):
        x, y = batch
        return self.criterion(self(x), y)
L.Trainer().fit(Lit(Net()))
"""
    },
}


@pytest.mark.parametrize("name", WRONG)
def test_followed(tmp_path: Path, name: str) -> None:
    assert codes(tmp_path, **WRONG[name]) == ["DT101"]


RIGHT = {
    "switched off": NET + "F.cross_entropy(Net(probs=False)(x), y)\n",
    "not known": NET + "F.cross_entropy(Net(probs=args.p)(x), y)\n",
    "evaluation only": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)
    def forward(self, x):
        x = self.fc(x)
        return x if self.training else x.softmax(1)
F.cross_entropy(Net()(x), y)
""",
    "without the last item": "m = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))\n"
    "F.cross_entropy(m[:-1](x), y)\n",
    "own class of that name": """
class CrossEntropyLoss(nn.Module):
    def forward(self, p, y):
        return -(y * p).sum()
CrossEntropyLoss()(nn.Linear(4, 3)(x).softmax(1), y)
""",
    "soft targets": "z, t = nn.Linear(4, 3)(x), nn.Linear(4, 3)(x)\n"
    "F.cross_entropy(z, t.softmax(1))\n"
    "F.kl_div(z.log_softmax(1), t.softmax(1))\n",
    "skorch takes the log": "from skorch import NeuralNetClassifier\n"
    "m = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))\n"
    "NeuralNetClassifier(m, criterion=nn.NLLLoss)\n",
    "attention": """
class Pool(nn.Module):
    def __init__(self):
        super().__init__()
        self.score, self.out = nn.Linear(8, 1), nn.Linear(8, 3)
    def forward(self, h):
        w = torch.softmax(self.score(h), dim=1)
        return self.out((w * h).sum(1))
F.cross_entropy(Pool()(x), y)
""",
    "either loss by its name": """
LOSSES = {"bce": nn.BCELoss(), "ce": nn.CrossEntropyLoss()}
NETS = {"bce": nn.Sequential(nn.Linear(4, 1), nn.Sigmoid()), "ce": nn.Linear(4, 3)}
def step(kind, x, y):
    return LOSSES[kind](NETS[kind](x), y)
""",
    "score above zero": "z = nn.Linear(4, 1)(x)\n"
    "F.binary_cross_entropy_with_logits(z, y)\nz > 0\nz.sigmoid() > 0.5\n",
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_is_left_alone(tmp_path: Path, name: str) -> None:
    assert codes(tmp_path, a=HEAD + RIGHT[name]) == []


def test_softmax_without_dim_is_one_error_and_one_warning(tmp_path: Path) -> None:
    text = HEAD + "F.cross_entropy(F.softmax(nn.Linear(4, 3)(x)), y)\n"
    assert sorted(codes(tmp_path, a=text)) == ["DT101", "DT112"]
