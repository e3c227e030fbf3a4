from torch import nn

from layers import dense


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = dense(64, 32)
        self.fc2 = dense(32, 16)
        self.out = dense(16, 4)

    def forward(self, x):
        return self.out(self.fc2(self.fc1(x)))
