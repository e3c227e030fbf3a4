import torch
from torch import nn


class Agent:
    def __init__(self, obs, act):
        self.nets = {"pi": nn.Linear(obs, act), "v": nn.Linear(obs, 1)}
        self.opts = {k: torch.optim.Adam(n.parameters(), lr=3e-4) for k, n in self.nets.items()}

    def learn(self, memory):
        for s, a, ret in memory:
            value = self.nets["v"](s).squeeze(-1)
            v_loss = (ret - value).pow(2).mean()
            v_loss.backward()
            self.opts["v"].step()

            logp = self.nets["pi"](s).log_softmax(-1).gather(1, a[:, None]).squeeze(1)
            p_loss = -(logp * (ret - value.detach())).mean()
            p_loss.backward()
            self.opts["pi"].step()
