import math

import torch
from torch import nn

USE_AMP = False


def train(net, loader):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    scaler = torch.cuda.amp.GradScaler(enabled=USE_AMP)
    for x, y in loader:
        loss = criterion(net(x), y)
        if not math.isfinite(loss.item()):
            optimizer.zero_grad()
            continue
        if USE_AMP:
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
        else:
            loss.backward()
            optimizer.step()
        optimizer.zero_grad()


def skip_bad(net, loader):
    opt = torch.optim.Adam(net.parameters())
    for x, y in loader:
        loss = nn.functional.mse_loss(net(x), y)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        if norm > 100:
            opt.zero_grad()
        opt.step()
        opt.zero_grad()
