import torch
from torch import nn


class Voice(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.body = nn.GRU(12, 24, batch_first=True)
        self.head = nn.Linear(24, classes)

    def forward(self, x):
        out, _ = self.body(x)
        return self.head(out[:, -1])


class Build:
    def __init__(self, rows):
        self.rows = rows

    def __call__(self, net):
        criterion = nn.CrossEntropyLoss(reduction="sum")
        for x, y in self.rows:
            optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
            with torch.no_grad():
                scores = net(x).requires_grad_()
            optimizer.zero_grad()
            loss = criterion(scores.contiguous(), y)
            loss.backward()
            optimizer.step()


data = [(torch.randn(4, 9, 12), torch.randint(0, 3, (4,))) for _ in range(5)]
Build(data)(Voice(3))
