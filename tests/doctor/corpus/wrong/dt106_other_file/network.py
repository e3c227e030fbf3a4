import torch.nn as nn


class FraudNet(nn.Module):
    def __init__(self, columns):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(columns, 128),
            nn.BatchNorm1d(128),
            nn.ReLU(inplace=True),
            nn.Dropout(p=0.1),
            nn.Linear(128, 1),
        )

    def forward(self, table):
        return self.net(table).flatten()
