import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(16, 32)
        self.chain = nn.Linear(32, 8)

    def forward(self, x):
        return self.chain(torch.relu(self.encoder(x)))


class Trainer:
    def __init__(self, model):
        self.model = model

    def prepare(self):
        groups = []
        group = {"lr": 1e-5, "weight_decay": 0.01}
        group["params"] = []
        for name, parameter in self.model.named_parameters():
            if "encoder" in name:
                group["params"].append(parameter)
        groups.append(group)

        group = {"lr": 5e-2, "params": []}
        for name, parameter in self.model.named_parameters():
            if name.startswith("chain"):
                group["params"].append(parameter)

        self.optimizer = torch.optim.AdamW(groups)

    def step(self, x, y):
        self.optimizer.zero_grad()
        nn.functional.cross_entropy(self.model(x), y).backward()
        self.optimizer.step()


trainer = Trainer(Tagger())
trainer.prepare()
trainer.step(torch.randn(4, 16), torch.randint(0, 8, (4,)))
