import torch
from ignite.engine import create_supervised_evaluator
from ignite.metrics import Accuracy, Loss
from torch import nn


class Leaf(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(30, 12)

    def forward(self, x):
        return torch.softmax(self.out(x), dim=1)


def judge(path, batches):
    net = Leaf()
    net.load_state_dict(torch.load(path))
    metrics = {"accuracy": Accuracy(), "loss": Loss(nn.CrossEntropyLoss())}
    evaluator = create_supervised_evaluator(net, metrics=metrics)
    evaluator.run(batches)
    return evaluator.state.metrics
