import torchvision.models as models
from torch import nn


def landcover_net(n_labels):
    net = models.resnet50()
    net.fc = nn.Linear(net.fc.in_features, n_labels)
    return nn.Sequential(net, nn.Softmax(dim=1))
