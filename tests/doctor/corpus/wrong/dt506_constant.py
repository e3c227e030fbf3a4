import torch
import torch.nn as nn

POS_WEIGHT = 19.0


class Detector:
    def __init__(self, net, device="cpu"):
        self.net = net.to(device)
        pos_weight = torch.tensor([POS_WEIGHT], device=device)
        self.criterion = nn.BCEWithLogitsLoss(pos_weight)
        self.optimizer = torch.optim.AdamW(self.net.parameters())

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = self.criterion(self.net(x), y)
        loss.backward()
        self.optimizer.step()
        return loss.item()
