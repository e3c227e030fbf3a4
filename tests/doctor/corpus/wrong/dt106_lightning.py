import lightning as L
import torch
from torch import nn, optim


class PocketModule(L.LightningModule):
    def __init__(self, in_dim):
        super().__init__()
        self.fc1 = nn.Linear(in_dim, 100)
        self.fc2 = nn.Linear(100, 1)
        self.loss = nn.BCELoss()

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        return self.fc2(x)

    def training_step(self, batch, _):
        x, y = batch
        y_hat = self(x)
        loss = self.loss(y_hat, y.float().unsqueeze(1))
        self.log("loss", loss)
        return loss

    def configure_optimizers(self):
        return optim.Adam(self.parameters(), lr=1e-3)
