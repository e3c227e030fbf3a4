from torch import nn


def build_criterion(cfg):
    if cfg.smoothing > 0:
        return nn.CrossEntropyLoss(label_smoothing=cfg.smoothing)
    return nn.CrossEntropyLoss()
