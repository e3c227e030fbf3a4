import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


class TagNet(nn.Module):
    def __init__(self, dim, tags):
        super(TagNet, self).__init__()
        self.fc1 = nn.Linear(dim, 256)
        self.drop = nn.Dropout(0.3)
        self.fc2 = nn.Linear(256, tags)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = self.fc2(self.drop(x))
        x = self.sigmoid(x)
        return x


features, tags = torch.randn(1000, 64), (torch.rand(1000, 12) > 0.8).float()
loader = DataLoader(TensorDataset(features, tags), batch_size=32, shuffle=True)
net = TagNet(64, 12)
criterion = nn.BCEWithLogitsLoss()
optim = torch.optim.Adam(net.parameters())
for epoch in range(10):
    for x, y in loader:
        optim.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optim.step()
