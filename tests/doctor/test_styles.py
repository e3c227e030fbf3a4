"""Programs in the styles that people write: the one finding in each, or none."""
# ruff: noqa: E501

import pytest

from dovetail.doctor._base import Severity
from dovetail.doctor._project import Project
from dovetail.doctor._source import parse
from dovetail.doctor.run import check_project

HEAD = """import torch
import torch.nn as nn
import torch.nn.functional as F
"""

PROGRAMS = {
    "elif arch": (
        "DT101",
        """
class A(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3,8,3), nn.ReLU(), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(100, 10))
        self.act = nn.Softmax(dim=-1)
    def forward(self, x):
        x = self.features(x)
        x = self.classifier(x)
        out = self.act(x)
        return out
class B(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4,10)
    def forward(self, x): return self.fc(x)
def main(args):
    if args.arch == 'a': model = A()
    elif args.arch == 'b': model = B()
    else: raise ValueError
    model = nn.DataParallel(model).cuda()
    criterion = nn.CrossEntropyLoss().cuda()
    for epoch in range(args.epochs):
        train(loader, model, criterion)
def train(loader, model, criterion):
    for i, (images, target) in enumerate(loader):
        images = images.cuda(); target = target.cuda()
        output = model(images)
        loss = criterion(output, target)
main(parse())
""",
    ),
    "lstm": (
        "DT101",
        """
class LSTM(nn.Module):
    def __init__(self, v, e, h, c):
        super(LSTM, self).__init__()
        self.emb = nn.Embedding(v, e)
        self.lstm = nn.LSTM(e, h, batch_first=True)
        self.fc = nn.Linear(h, c)
    def forward(self, x):
        x = self.emb(x)
        out, (hn, cn) = self.lstm(x)
        out = self.fc(out[:, -1, :])
        return F.softmax(out, dim=1)
model = LSTM(10, 4, 8, 2)
loss_function = nn.CrossEntropyLoss()
for x, y in loader:
    model.zero_grad()
    loss = loss_function(model(x), y)
""",
    ),
    "dict losses": (
        "DT103",
        """
class Multi(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 8)
        self.heads = nn.ModuleDict({"a": nn.Sequential(nn.Linear(8, 1), nn.Sigmoid()), "b": nn.Linear(8, 3)})
    def forward(self, x):
        h = F.relu(self.body(x))
        return {"a": self.heads["a"](h), "b": self.heads["b"](h)}
losses = {"a": nn.BCEWithLogitsLoss(), "b": nn.CrossEntropyLoss()}
m = Multi()
out = m(x)
total = losses["a"](out["a"], ya) + losses["b"](out["b"], yb)
""",
    ),
    "dict loop": (
        "DT103",
        """
class Multi(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 8)
        self.h = nn.Linear(8, 1)
    def forward(self, x):
        h = F.relu(self.body(x))
        return {"a": torch.sigmoid(self.h(h))}
losses = {"a": nn.BCEWithLogitsLoss()}
m = Multi()
out = m(x)
total = 0
for k, fn in losses.items():
    total = total + fn(out[k], y[k])
""",
    ),
    "config dataclass": (
        "DT101",
        """
from dataclasses import dataclass, field
@dataclass
class Config:
    criterion: nn.Module = field(default_factory=nn.CrossEntropyLoss)
    hidden: int = 3
class N(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg
        layers = []
        for i in range(3):
            layers += [nn.Linear(4, 4), nn.ReLU()]
        layers.append(nn.Linear(4, 3))
        layers.append(nn.Softmax(dim=1))
        self.net = nn.Sequential(*layers)
    def forward(self, x): return self.net(x)
def run(cfg=Config()):
    net = N(cfg)
    for x, y in data:
        loss = cfg.criterion(net(x), y)
run()
""",
    ),
    "bce cosine": (
        "",
        """
class S(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3)
    def forward(self, x, y):
        s = F.cosine_similarity(self.a(x), self.a(y))
        return (s + 1) / 2
nn.BCELoss()(S()(x, z), y)
""",
    ),
    "gan": (
        "",
        """
class D(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(nn.Conv2d(3,64,4), nn.LeakyReLU(0.2), nn.Conv2d(64,1,4), nn.Sigmoid())
    def forward(self, x): return self.main(x).view(-1, 1).squeeze(1)
d = D(); crit = nn.BCELoss()
for i, data in enumerate(loader):
    label = torch.full((b,), 1.0)
    out = d(data[0]); err = crit(out, label)
    label.fill_(0)
    err2 = crit(d(fake.detach()), label)
""",
    ),
    "rl": (
        "",
        """
class P(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 128); self.b = nn.Linear(128, 2)
    def forward(self, x):
        return F.softmax(self.b(F.relu(self.a(x))), dim=1)
policy = P()
def select(state):
    state = torch.from_numpy(state).float().unsqueeze(0)
    probs = policy(state)
    m = torch.distributions.Categorical(probs)
    action = m.sample()
    return action.item(), m.log_prob(action)
""",
    ),
    "distill": (
        "",
        """
def kd(student, teacher, x, y, T=4.0):
    s = student(x)
    with torch.no_grad(): t = teacher(x)
    soft = F.softmax(t / T, dim=1)
    loss = F.kl_div(F.log_softmax(s / T, dim=1), soft, reduction='batchmean') * T * T
    return loss + F.cross_entropy(s, y) + F.cross_entropy(s, soft)
kd(nn.Linear(3,3), nn.Linear(3,3), x, y)
""",
    ),
    "iris float": (
        "",
        """
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
X, y = load_iris(return_X_y=True)
a, b, c, d = train_test_split(X, y)
a = torch.tensor(a, dtype=torch.float32); c = torch.tensor(c, dtype=torch.long)
m = nn.Sequential(nn.Linear(4, 3))
nn.CrossEntropyLoss()(m(a), c)
(m(a).argmax(1) == c).float().mean()
""",
    ),
    "breast bce float": (
        "DT204",
        """
from sklearn.datasets import fetch_california_housing
d = fetch_california_housing()
X = torch.tensor(d.data, dtype=torch.float32); y = torch.tensor(d.target, dtype=torch.float32)
ds = torch.utils.data.TensorDataset(X, y)
dl = torch.utils.data.DataLoader(ds, batch_size=32)
class R(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(8, 32); self.l2 = nn.Linear(32, 1)
    def forward(self, x): return self.l2(F.relu(self.l1(x)))
r = R()
for xb, yb in dl:
    loss = F.mse_loss(r(xb), yb)
""",
    ),
    "th softmax method nll": (
        "DT108",
        """
class R(nn.Module):
    def __init__(self):
        super().__init__()
        self.l2 = nn.Linear(32, 4)
    def forward(self, x): return self.l2(x).softmax(dim=1)
r = R()
crit = nn.NLLLoss()
opt = torch.optim.SGD(r.parameters(), lr=.1)
def closure():
    l = crit(r(x), y)
    return l
opt.step(closure)
""",
    ),
    "sigmoid metrics only": (
        "",
        """
net = nn.Linear(4, 1)
crit = nn.BCEWithLogitsLoss()
def step(x, y):
    out = net(x)
    loss = crit(out, y)
    prob = torch.sigmoid(out)
    acc = ((prob > 0.5).float() == y).float().mean()
    auc = roc(y.numpy(), prob.detach().numpy())
    return loss
""",
    ),
    "focal": (
        "",
        """
class Focal(nn.Module):
    def forward(self, logits, t):
        p = torch.sigmoid(logits)
        ce = F.binary_cross_entropy_with_logits(logits, t, reduction='none')
        pt = p * t + (1 - p) * (1 - t)
        return (ce * (1 - pt) ** 2).mean()
net = nn.Linear(3, 1)
Focal()(net(x), y)
""",
    ),
    "focal wrong": (
        "DT103",
        """
class Focal(nn.Module):
    def forward(self, inputs, t):
        ce = F.binary_cross_entropy_with_logits(inputs, t, reduction='none')
        pt = torch.exp(-ce)
        return (ce * (1 - pt) ** 2).mean()
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.final_layer = nn.Linear(3, 1)
        self.activation = nn.Sigmoid()
    def forward(self, x): return self.activation(self.final_layer(x))
crit = Focal()
net = N()
def train(net, crit):
    for x, y in loader: crit(net(x), y)
train(net, crit)
""",
    ),
    "inception tuple": (
        "DT101",
        """
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Linear(3, 5); self.aux = nn.Linear(3, 5)
    def forward(self, x):
        a = F.softmax(self.f(x), dim=1)
        if self.training:
            return a, self.aux(x)
        return a
n = N()
o, aux = n(x)
l1 = nn.CrossEntropyLoss()(o, y); l2 = nn.CrossEntropyLoss()(aux, y)
""",
    ),
    "abc base": (
        "DT101",
        """
from abc import ABC, abstractmethod
class Base(nn.Module, ABC):
    def __init__(self): super().__init__(); self.criterion = nn.CrossEntropyLoss()
    @abstractmethod
    def net(self, x): ...
    def forward(self, x): return self.net(x)
    def training_step(self, batch):
        x, y = batch
        return self.criterion(self(x), y)
class Impl(Base):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(3, 4)
    def net(self, x): return torch.softmax(self.l(x), -1)
""",
    ),
    "timm": (
        "DT101",
        """
import timm
class M(nn.Module):
    def __init__(self, name='resnet18', n=5, pretrained=True):
        super().__init__()
        self.model = timm.create_model(name, pretrained=pretrained, num_classes=n)
    def forward(self, x): return F.softmax(self.model(x), dim=1)
def loss_fn(outputs, labels): return nn.CrossEntropyLoss()(outputs, labels)
def train_one_epoch(model, loader, device):
    for batch in loader:
        out = model(batch['image'].to(device))
        loss = loss_fn(out, batch['label'].to(device))
model = M().to('cuda')
train_one_epoch(model, dl, 'cuda')
""",
    ),
    "fsdp args kw": (
        "DT106",
        """
class N(nn.Module):
    def __init__(self, **kw):
        super().__init__()
        self.out = nn.Linear(kw['h'], 1)
    def forward(self, *, features): return self.out(features)
crit = nn.BCELoss(reduction='mean')
net = N(h=3)
loss = crit(input=net(features=x), target=y)
""",
    ),
    "vae": (
        "",
        """
class V(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Linear(784, 400); self.d = nn.Linear(400, 784)
    def decode(self, z): return torch.sigmoid(self.d(z))
    def forward(self, x):
        return self.decode(F.relu(self.e(x.view(-1, 784)))), x
v = V()
def loss(recon_x, x):
    return F.binary_cross_entropy(recon_x, x.view(-1, 784), reduction='sum')
for data, _ in loader:
    r, _ = v(data)
    loss(r, data)
""",
    ),
    "seg dim": (
        "DT101",
        """
class U(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.outc = nn.Conv2d(64, n_classes, 1)
    def forward(self, x):
        logits = self.outc(x)
        return nn.Softmax(dim=1)(logits)
def train_net(net, device):
    criterion = nn.CrossEntropyLoss() if net.n_classes > 1 else nn.BCEWithLogitsLoss()
    for batch in loader:
        masks_pred = net(batch['image'])
        loss = criterion(masks_pred, batch['mask'])
if __name__ == '__main__':
    net = U(n_classes=3)
    net.n_classes = 3
    net.to(device=device)
    train_net(net=net, device=device)
""",
    ),
    "squeezenet": (
        "",
        """
class Sq(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(512, 10, 1)
        self.classifier = nn.Sequential(nn.Dropout(.5), self.c, nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1))
    def forward(self, x): return torch.flatten(self.classifier(x), 1)
F.cross_entropy(Sq()(x), y)
""",
    ),
    "hf trainer": (
        "DT103",
        """
from transformers import Trainer, AutoModelForSequenceClassification
class MyT(Trainer):
    def compute_loss(self, model, inputs, return_outputs=False):
        labels = inputs.pop("labels")
        outputs = model(**inputs)
        logits = outputs.logits
        loss_fct = nn.BCEWithLogitsLoss()
        return loss_fct(torch.sigmoid(logits), labels)
""",
    ),
    "add_module": (
        "DT101",
        """
model = nn.Sequential()
model.add_module('l1', nn.Linear(4, 8)); model.add_module('r', nn.ReLU()); model.add_module('l2', nn.Linear(8, 3)); model.add_module('s', nn.Softmax(dim=1))
loss_fn = nn.CrossEntropyLoss()
for e in range(10):
    y_pred = model(X)
    loss = loss_fn(y_pred, Y)
""",
    ),
    "sub sequential": (
        "DT101",
        """
class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3), nn.Softmax(dim=1))
net = Net()
nn.functional.cross_entropy(net(x), y)
""",
    ),
    "partial": (
        "DT101",
        """
from functools import partial
crit = partial(F.cross_entropy, reduction='sum')
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 3)])
        self.norm = F.softmax
    def forward(self, x):
        for i, l in enumerate(self.layers):
            x = l(x)
            if i < len(self.layers) - 1:
                x = F.relu(x)
        return self.norm(x, dim=1)
n = N()
crit(n(x), y)
""",
    ),
    "default arg func": (
        "DT107",
        """
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(4, 3)
    def forward(self, x): return self.l(x)
def fit(model, loss_fun=F.nll_loss):
    for x, y in loader:
        out = model(x)
        loss = loss_fun(out, y)
fit(N())
""",
    ),
    "modulelist last softmax flag false": (
        "",
        """
def mlp(sizes, act=nn.ReLU, out=None):
    layers = []
    for i in range(len(sizes) - 1):
        layers.append(nn.Linear(sizes[i], sizes[i+1]))
        if i < len(sizes) - 2: layers.append(act())
    if out is not None: layers.append(out)
    return nn.Sequential(*layers)
n = mlp([4, 8, 3])
F.cross_entropy(n(x), y)
""",
    ),
    "builder with softmax": (
        "DT101",
        """
def mlp(sizes, act=nn.ReLU, out=None):
    layers = []
    for i in range(len(sizes) - 1):
        layers.append(nn.Linear(sizes[i], sizes[i+1]))
        if i < len(sizes) - 2: layers.append(act())
    if out is not None: layers.append(out)
    return nn.Sequential(*layers)
n = mlp([4, 8, 3], out=nn.Softmax(dim=1))
F.cross_entropy(n(x), y)
""",
    ),
    "relu all": (
        "DT114",
        """
class N(nn.Module):
    def __init__(self, sizes=(4, 8, 3)):
        super().__init__()
        self.ls = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:]))
    def forward(self, x):
        for l in self.ls: x = F.relu(l(x))
        return x
m = N(); c = nn.CrossEntropyLoss()
c(m(x), y)
""",
    ),
    "fastai": (
        "DT101",
        """
from fastai.vision.all import *
class N(nn.Module):
    def __init__(self): super().__init__(); self.l = nn.Linear(4, 3)
    def forward(self, x): return self.l(x).softmax(dim=-1)
learn = Learner(dls, N(), loss_func=CrossEntropyLossFlat(), metrics=accuracy)
""",
    ),
    "skorch ce": (
        "DT101",
        """
from skorch import NeuralNetClassifier
class N(nn.Module):
    def __init__(self, h=3): super().__init__(); self.l = nn.Linear(4, h)
    def forward(self, x): return F.softmax(self.l(x), dim=-1)
net = NeuralNetClassifier(N, criterion=nn.CrossEntropyLoss, module__h=5)
""",
    ),
    "eval branch forward arg": (
        "",
        """
class N(nn.Module):
    def __init__(self): super().__init__(); self.l = nn.Linear(4, 3)
    def forward(self, x, return_probs=False):
        z = self.l(x)
        if return_probs: return F.softmax(z, dim=1)
        return z
n = N()
F.cross_entropy(n(x), y)
p = n(x, return_probs=True)
""",
    ),
    "predict method": (
        "",
        """
class N(nn.Module):
    def __init__(self): super().__init__(); self.l = nn.Linear(4, 3); self.softmax = nn.Softmax(dim=1)
    def forward(self, x): return self.l(x)
    def predict(self, x): return self.softmax(self(x)).argmax(1)
    def training_step(self, b):
        x, y = b
        return F.cross_entropy(self(x), y)
""",
    ),
    "threshold eval": (
        "DT301",
        """
class N(nn.Module):
    def __init__(self): super().__init__(); self.l = nn.Linear(4, 1)
    def forward(self, x): return self.l(x)
def train(m, dl):
    c = nn.BCEWithLogitsLoss()
    for x, y in dl:
        loss = c(m(x), y.unsqueeze(1).float())
def evaluate(m, dl):
    for x, y in dl:
        out = m(x)
        preds = (out > 0.5).float()
        correct = (preds == y).sum()
m = N()
train(m, a); evaluate(m, b)
""",
    ),
    "round": (
        "DT301",
        """
def binary_accuracy(preds, y):
    rounded = torch.round(preds)
    return (rounded == y).float().sum() / len(y)
model = nn.Sequential(nn.Linear(4, 1))
crit = nn.BCEWithLogitsLoss()
for x, y in dl:
    p = model(x).squeeze(1)
    loss = crit(p, y)
    acc = binary_accuracy(p, y)
""",
    ),
    "softmax bce column": (
        "",
        """
m = nn.Linear(4, 2)
p = F.softmax(m(x), dim=1)[:, 1]
F.binary_cross_entropy(p, y)
""",
    ),
    "weights none": (
        "",
        """
class N(nn.Module):
    def __init__(self, activation=None):
        super().__init__()
        self.l = nn.Linear(4, 3)
        self.activation = getattr(nn, activation)() if activation else nn.Identity()
    def forward(self, x): return self.activation(self.l(x))
n = N()
F.cross_entropy(n(x), y)
""",
    ),
    "while true": (
        "DT105",
        """
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(4, 2)
    def forward(self, x):
        o = self.l(x)
        o = torch.sigmoid(o)
        return o
def main():
    net = N()
    criterion = nn.CrossEntropyLoss()
    while True:
        try:
            x, y = next(it)
        except StopIteration:
            break
        out = net.forward(x)
        l = criterion(out, y)
main()
""",
    ),
    "classmethod factory": (
        "DT101",
        """
class N(nn.Module):
    @classmethod
    def build(cls, cfg): return cls(cfg.h)
    def __init__(self, h):
        super().__init__()
        self.head = nn.Linear(h, 3)
    def forward(self, x): return self._act(self.head(x))
    @staticmethod
    def _act(z): return F.softmax(z, dim=1)
class Exp:
    def __init__(self, cfg):
        self.net = N.build(cfg)
        self.crit = self._crit()
    def _crit(self): return nn.CrossEntropyLoss()
    def run(self):
        for x, y in self.dl:
            self._step(x, y)
    def _step(self, x, y):
        with torch.cuda.amp.autocast():
            out = self.net(x)
            loss = self.crit(out, y)
        return loss
if __name__ == '__main__':
    Exp(cfg).run()
""",
    ),
    "vgg head idx": (
        "DT101",
        """
from torchvision import models
import torchvision
vgg = torchvision.models.vgg16(weights=None)
for p in vgg.parameters(): p.requires_grad = False
vgg.classifier[6] = nn.Sequential(nn.Linear(4096, 256), nn.ReLU(), nn.Linear(256, 2), nn.Softmax(dim=1))
c = nn.CrossEntropyLoss()
for x, y in dl:
    loss = c(vgg(x), y)
""",
    ),
    "mse softmax": (
        "",
        """
m = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))
nn.MSELoss()(m(x), F.one_hot(y, 3).float())
""",
    ),
    "label smoothing onehot ce": (
        "",
        """
m = nn.Linear(4, 3)
t = F.one_hot(y, 3).float() * 0.9 + 0.1 / 3
F.cross_entropy(m(x), t)
""",
    ),
    "moe": (
        "",
        """
class Moe(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(4, 2); self.e = nn.ModuleList([nn.Linear(4, 3) for _ in range(2)])
    def forward(self, x):
        g = F.softmax(self.gate(x), dim=-1)
        outs = torch.stack([e(x) for e in self.e], dim=1)
        return (g.unsqueeze(-1) * outs).sum(1)
F.cross_entropy(Moe()(x), y)
""",
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str) -> None:
    code, text = PROGRAMS[name]
    project = Project([parse(HEAD + text, "a.py")])
    found = check_project(project)
    told = {f.code for f in found if f.severity is not Severity.HINT}
    assert told == ({code} if code else set())
    assert project.facts.faults == []
    assert project.facts.notes == []
