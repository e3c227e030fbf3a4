import lightning.pytorch as pl
import torch
from torch import nn
from torchmetrics.classification import MultilabelAveragePrecision


class MultiLabelTask(pl.LightningModule):
    def __init__(self, backbone, labels=43):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(512, labels)
        self.loss = nn.MultiLabelSoftMarginLoss()
        self.val_ap = MultilabelAveragePrecision(labels)

    def forward(self, x):
        return self.head(self.backbone(x))

    def training_step(self, batch, i):
        return self.loss(self(batch["image"]), batch["label"].float())

    def validation_step(self, batch, i):
        y_hat = self(batch["image"])
        y_hat_soft = torch.softmax(y_hat, dim=-1)
        self.val_ap(y_hat_soft, batch["label"])
        self.log("val_ap", self.val_ap)

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters())
