import argparse

import torch
import torch.nn as nn


class Grader(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Sequential(nn.Linear(40, 40), nn.ReLU(), nn.Dropout(), nn.Linear(40, 1))

    def forward(self, x):
        return self.out(x)


class Work:
    def __init__(self, parts):
        self.net = parts["net"]
        self.optimizer = parts["optimizer"]

    def go(self, train_rows, test_rows):
        self.net = self.net.to(torch.float64)
        for _ in range(5):
            self.net.train()
            for x, y in train_rows:
                self.optimizer.zero_grad()
                nn.functional.mse_loss(self.net(x), y).backward()
                self.optimizer.step()
            self.net.eval()
        with torch.no_grad():
            return [self.net(x) for x, _ in test_rows]


def main(train_rows, test_rows):
    parser = argparse.ArgumentParser()
    parser.add_argument("--from-file")
    args = parser.parse_args()
    if args.from_file is not None:
        net = torch.load(args.from_file, weights_only=False)
    else:
        net = Grader()
    optimizer = torch.optim.Adam(net.parameters())
    Work({"net": net, "optimizer": optimizer}).go(train_rows, test_rows)
