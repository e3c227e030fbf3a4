import torch
from torch import nn


class Ocr(nn.Module):
    def __init__(self, chars):
        super().__init__()
        self.cnn = nn.Conv2d(1, 32, 3, padding=1)
        self.rnn = nn.LSTM(32 * 32, 128, bidirectional=True)
        self.fc = nn.Linear(256, chars + 1)

    def forward(self, x):
        f = torch.relu(self.cnn(x))
        b, c, h, w = f.shape
        seq, _ = self.rnn(f.permute(3, 0, 1, 2).reshape(w, b, c * h))
        return self.fc(seq).log_softmax(2)


def train(loader, chars):
    net = Ocr(chars)
    ctc = nn.CTCLoss(blank=0, zero_infinity=True)
    opt = torch.optim.Adam(net.parameters())
    for x, y, x_len, y_len in loader:
        opt.zero_grad()
        loss = ctc(net(x), y, x_len, y_len)
        loss.backward()
        opt.step()
