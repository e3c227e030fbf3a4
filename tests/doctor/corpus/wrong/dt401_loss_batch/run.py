import torch.nn.functional as F

import core
from factory import get_model, get_optimizer


def main(train_dl, valid_dl):
    model = get_model(10)
    core.fit(5, model, F.cross_entropy, get_optimizer(model), train_dl, valid_dl)
