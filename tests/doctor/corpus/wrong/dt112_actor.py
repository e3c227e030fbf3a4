from torch.nn import Linear, Module
import torch.nn.functional as f


class Actor(Module):
    def __init__(self, states, actions):
        super().__init__()
        self.l1 = Linear(states, 64)
        self.l2 = Linear(64, actions)

    def forward(self, state):
        return self.l2(f.relu(self.l1(state)))

    def act(self, state):
        return f.softmax(self.forward(state)).multinomial(1)
