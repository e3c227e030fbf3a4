import torch
import torch.nn as nn
import torch.nn.functional as F


class Policy(nn.Module):
    def __init__(self, obs, actions):
        super().__init__()
        self.fc1 = nn.Linear(obs, 128)
        self.fc2 = nn.Linear(128, actions)

    def forward(self, s):
        return self.fc2(F.relu(self.fc1(s)))


def reinforce(policy, optimizer, states, actions, returns):
    logits = policy(states)
    log_probs = torch.log(F.softmax(logits, dim=-1))
    chosen = log_probs.gather(1, actions.unsqueeze(1)).squeeze(1)
    loss = -(chosen * returns).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
