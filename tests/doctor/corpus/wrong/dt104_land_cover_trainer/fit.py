import torch
import torch.nn as nn

import backbone


class MultiLabelTask:
    def __init__(self, n_labels=19):
        self.model = backbone.landcover_net(n_labels)
        self.loss = nn.MultiLabelSoftMarginLoss()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4)

    def training_step(self, batch):
        x, y = batch["image"], batch["label"]
        self.optimizer.zero_grad()
        y_hat = self.model(x)
        loss = self.loss(y_hat, y.to(torch.float))
        loss.backward()
        self.optimizer.step()
        return loss.detach()
