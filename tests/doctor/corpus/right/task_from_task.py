import lightning as L
import timm
import torch
from torch import nn
from torchmetrics import Accuracy, MeanMetric


class OneKind(L.LightningModule):
    def __init__(self, name, kinds):
        super().__init__()
        self.net = timm.create_model(name, num_classes=kinds)
        self.score = Accuracy(task="multiclass", num_classes=kinds)
        self.make_objective()

    def make_objective(self):
        self.objective = nn.CrossEntropyLoss()

    def forward(self, image):
        return self.net(image)

    def training_step(self, batch, index):
        scores = self(batch["image"])
        shares = scores.softmax(dim=1)
        self.score(shares, batch["kind"])
        return self.objective(scores, batch["kind"])

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters())


class ManyKinds(OneKind):
    def __init__(self, name, kinds):
        super().__init__(name, kinds)
        self.score = MeanMetric()

    def make_objective(self):
        self.objective = nn.BCEWithLogitsLoss()

    def training_step(self, batch, index):
        scores = self(batch["image"])
        shares = torch.sigmoid(scores)
        loss = self.objective(scores, batch["all"].float())
        self.score(shares)
        return loss
