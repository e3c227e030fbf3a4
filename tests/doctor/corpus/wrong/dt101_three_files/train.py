import torch

from config import Config
from losses import build_criterion
from model import Classifier


def run_epoch(net, batches, loss_fn, opt):
    net.train()
    for tokens, offsets, labels in batches:
        opt.zero_grad()
        pred = net(tokens, offsets)
        loss = loss_fn(pred, labels)
        loss.backward()
        opt.step()


def main(batches):
    cfg = Config()
    net = Classifier(cfg.vocab, cfg.dim, cfg.num_class)
    loss_fn = build_criterion(cfg)
    opt = torch.optim.Adam(net.parameters(), lr=cfg.lr)
    for _ in range(cfg.epochs):
        run_epoch(net, batches, loss_fn, opt)
