import torch
from torch import nn


class PointwiseTrainer:
    def __init__(self, model, lr, loss_type="CL"):
        self.model = model
        self.lr = lr
        self.loss_type = loss_type

    def fit(self, loader, epochs):
        optimizer = torch.optim.Adam(self.model.parameters(), lr=self.lr)
        if self.loss_type == "CL":
            criterion = nn.BCEWithLogitsLoss(reduction="sum")
        else:
            criterion = nn.MSELoss(reduction="sum")
        for epoch in range(epochs):
            total = 0.0
            for user, item, label in loader:
                self.model.zero_grad()
                prediction = self.model(user, item)
                loss = criterion(prediction, label)
                loss.backward()
                optimizer.step()
                total += loss.item()
            print(epoch, total)
