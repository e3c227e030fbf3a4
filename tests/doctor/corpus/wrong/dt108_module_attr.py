import torch
from torch import nn


class SpeechCommands(nn.Module):
    def __init__(self, n_mels, n_words):
        super().__init__()
        self.conv = nn.Conv2d(1, 24, (5, 5), stride=2)
        self.act = nn.ReLU()
        self.pool = nn.AdaptiveAvgPool2d((4, 4))
        self.fc = nn.Linear(384, n_words)
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, mel):
        z = self.pool(self.act(self.conv(mel)))
        z = torch.flatten(z, start_dim=1)
        z = self.fc(z)
        out = self.softmax(z)
        return out


def fit(loader, epochs=15):
    net = SpeechCommands(40, 35)
    nll = torch.nn.NLLLoss()
    opt = torch.optim.Adam(net.parameters())
    for _ in range(epochs):
        for mel, word in loader:
            opt.zero_grad()
            y = net(mel)
            loss = nll(y, word)
            loss.backward()
            opt.step()
