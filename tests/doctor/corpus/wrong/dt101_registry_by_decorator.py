import torch
from torch import nn


class Catalogue:
    def __init__(self):
        self._kinds = {}

    def register(self, name):
        def keep(kind):
            self._kinds[name] = kind
            return kind

        return keep

    def build(self, name, **settings):
        return self._kinds[name](**settings)


NETS = Catalogue()


@NETS.register("gait")
class GaitNet(nn.Module):
    def __init__(self, sensors, gaits):
        super().__init__()
        self.rnn = nn.GRU(sensors, 32, batch_first=True)
        self.out = nn.Linear(32, gaits)

    def forward(self, frames):
        _, last = self.rnn(frames)
        return torch.softmax(self.out(last[-1]), dim=1)


class Run:
    def __init__(self, settings):
        self.settings = settings
        self.objective = nn.CrossEntropyLoss()

    def go(self, batches):
        net = NETS.build(self.settings["net"], sensors=6, gaits=4)
        optimizer = torch.optim.Adam(net.parameters())
        for frames, gait in batches:
            optimizer.zero_grad()
            self.objective(net(frames), gait).backward()
            optimizer.step()
