import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F


class Runner:
    def __init__(self, net):
        self.net = net
        self.opt = torch.optim.RMSprop(net.parameters())
        self.history = []

    def run(self, loader, epochs):
        for _ in range(epochs):
            for x, y in loader:
                self.opt.zero_grad()
                loss = F.mse_loss(self.net(x), y)
                loss.backward()
                self.opt.step()
                self.history.append(loss)
        return self.history
