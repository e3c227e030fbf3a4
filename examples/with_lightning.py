"""A Task in a Lightning module: training_step calls the loss, and that is all."""

import logging
import warnings

import lightning as L
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import dovetail as dt

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", module="lightning")
warnings.filterwarnings("ignore", module="torch")

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X / 16, y, stratify=y, random_state=0)
x, x_test = (torch.tensor(part, dtype=torch.float32) for part in (X, X_test))
task = dt.tasks.Multiclass.from_targets(y)


class Digits(L.LightningModule):
    def __init__(self, task: dt.tasks.Task) -> None:
        super().__init__()
        self.task = task
        self.net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), task.head(64))

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, _):
        x, target = batch
        return self.task.loss(self(x), target).mean()

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.003)


L.seed_everything(0, verbose=False)
module = Digits(task)
trainer = L.Trainer(
    max_epochs=15,
    accelerator="cpu",
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
    enable_model_summary=False,
)
data = TensorDataset(x, task.encode(y))
trainer.fit(module, DataLoader(data, batch_size=64, shuffle=True))

module.eval()
raw = module(x_test).detach()
scores = task.evaluate(raw, task.encode(y_test))
print("lightning:", {k: round(scores[k], 3) for k in ("log_loss", "accuracy")})
assert scores["accuracy"] > 0.93
