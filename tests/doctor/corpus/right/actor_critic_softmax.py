import torch
from torch import nn


class ActorCritic(nn.Module):
    def __init__(self, obs, acts):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(obs, 64), nn.Tanh())
        self.pi = nn.Sequential(nn.Linear(64, acts), nn.Softmax(dim=-1))
        self.v = nn.Linear(64, 1)

    def forward(self, s):
        h = self.body(s)
        return self.pi(h), self.v(h).squeeze(-1)


def a2c(net, opt, s, a, ret, entropy_coef=0.01):
    probs, value = net(s)
    adv = ret - value
    chosen = probs.gather(1, a[:, None]).squeeze(1)
    entropy = -(probs * (probs + 1e-8).log()).sum(1).mean()
    loss = -((chosen + 1e-8).log() * adv.detach()).mean() + adv.pow(2).mean() - entropy_coef * entropy
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 0.5)
    opt.step()
