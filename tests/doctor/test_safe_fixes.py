"""What ``--fix`` does by itself changes nothing that reads the output elsewhere."""

import ast
from pathlib import Path

import pytest

from dovetail.doctor import check
from dovetail.doctor._fix import changes

PROGRAM = """\
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)


net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters())
x, y = torch.rand(8, 4), torch.randint(0, 3, (8,))
for _ in range(10):
    optimizer.zero_grad()
    out = net(x)
    loss = criterion(out, y)
    loss.backward()
    optimizer.step()
p = net(x)
"""
LINE = "        return F.softmax(self.fc(x), dim=1)\n"
NEEDS_PROBABILITIES = [
    "conf, cls = p.max(1)",
    "h = -(p * p.log()).sum(1)",
    "np.savetxt('p.txt', p.detach().numpy())",
    "print(f'{p[0, 1]:.1%}')",
    "print('P', p[0, 1].item() * 100)",
    "s = torch.multinomial(p, 1)",
    "d = torch.distributions.Categorical(probs=p)",
    "a = roc_auc_score(y, p.detach(), multi_class='ovr')",
    "m = p.mean(0)",
    "t = p.topk(2)",
    "b = p[:, 1] > 0.5",
    "r = p.round()",
    "stored = []; stored.append(p)",
    "q = p - 0.1",
]
NEEDS_ORDER = [
    "c = p.argmax(1)",
    "c = torch.argmax(p, dim=1)",
    "_, c = p.max(1)",
    "_, c = torch.max(p, 1)",
    "c = p.max(1)[1]",
    "c = p.max(1).indices",
    "n = p.shape[0] + p.size(1)",
    "c = p.detach().cpu().argmax(1)",
    "again = criterion(p, y)",
]


def is_mended(tmp_path: Path, text: str) -> bool:
    path = tmp_path / "program.py"
    path.write_text(text, encoding="utf-8")
    found = check([path])
    assert "DT101" in [f.code for f in found]
    changed = changes(found)
    for _, after in changed.values():
        ast.parse(after)
    return bool(changed)


@pytest.mark.parametrize("line", NEEDS_PROBABILITIES)
def test_left_alone_where_something_reads_probabilities(
    line: str, tmp_path: Path
) -> None:
    assert not is_mended(tmp_path, PROGRAM + line + "\n")


@pytest.mark.parametrize("line", NEEDS_ORDER)
def test_mended_where_only_loss_and_order_read_it(line: str, tmp_path: Path) -> None:
    assert is_mended(tmp_path, PROGRAM + line + "\n")


def test_the_reader_may_stand_in_another_file(tmp_path: Path) -> None:
    model, rest = PROGRAM.split("\n\nnet = ")
    (tmp_path / "model.py").write_text(model + "\n")
    head = "import torch\nfrom torch import nn\nfrom model import Net\n"
    (tmp_path / "train.py").write_text(head + "net = " + rest)
    assert changes(check([tmp_path]))
    serve = "def answer(x):\n    probs = Net()(x)\n    return probs.max() > 0.8\n"
    (tmp_path / "serve.py").write_text(f"{head}{serve}answer(torch.rand(1, 4))\n")
    assert not changes(check([tmp_path]))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "        x = self.fc(x)\n        x = F.softmax(x, dim=1)\n"
            "        return x\n",
            "        x = self.fc(x)\n        return x\n",
        ),
        (
            "        return self.fc(x).softmax(dim=1)\n",
            "        return self.fc(x)\n",
        ),
    ],
)
def test_nothing_senseless_is_left(before: str, after: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM.replace(LINE, before))
    (changed,) = changes(check([path])).values()
    assert changed[1] == PROGRAM.replace(LINE, after)


@pytest.mark.parametrize(
    "body",
    [
        "        probs = F.softmax(self.fc(x), dim=1)\n        return probs\n",
        "        return F.softmax(\n            self.fc(x),  # scores\n"
        "            dim=1,\n        )\n",
    ],
)
def test_names_and_comments_are_not_made_wrong(body: str, tmp_path: Path) -> None:
    assert not is_mended(tmp_path, PROGRAM.replace(LINE, body))


def test_a_layer_that_is_given_stays_a_choice(tmp_path: Path) -> None:
    given = "def __init__(self, act=nn.Softmax(1)):"
    text = PROGRAM.replace("def __init__(self):", given)
    text = text.replace(
        "        self.fc =", "        self.act = act\n        self.fc ="
    )
    text = text.replace("F.softmax(self.fc(x), dim=1)", "self.act(self.fc(x))")
    assert not is_mended(tmp_path, text)
