import torch
import torch.nn as nn


class Multi(nn.Module):
    def __init__(self, d, labels):
        super().__init__()
        self.h = nn.Linear(d, 50)
        self.o = nn.Linear(50, labels)

    def forward(self, x):
        return self.o(torch.relu(self.h(x)))


class Learner:
    def __init__(self, d, labels):
        self.net = Multi(d, labels)
        self.loss = nn.BCEWithLogitsLoss()
        self.opt = torch.optim.SGD(self.net.parameters(), lr=0.1)

    def learn(self, batch):
        inputs, labels = batch
        self.opt.zero_grad()
        outputs = self.net(inputs)
        loss = self.loss(labels, outputs)
        loss.backward()
        self.opt.step()
        return loss.item()
