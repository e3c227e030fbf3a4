from torch.nn import *


class GestureNet(Module):
    def __init__(self, classes):
        super().__init__()
        self.conv = Conv1d(8, 64, 9, padding=4)
        self.relu = ReLU()
        self.pool = AdaptiveAvgPool1d(1)
        self.dense = Linear(64, classes)
        self.final_layer = Softmax(dim=1)

    def forward(self, emg):
        h = self.pool(self.relu(self.conv(emg)))
        h = h.view(h.size(0), -1)
        return self.final_layer(self.dense(h))
