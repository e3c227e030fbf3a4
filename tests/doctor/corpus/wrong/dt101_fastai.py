from fastai.vision.all import *
import torch.nn as nn


class SmallCnn(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
        )
        self.classifier = nn.Linear(32, classes)

    def forward(self, x):
        x = self.features(x).flatten(1)
        return self.classifier(x).softmax(dim=1)


def run(path):
    dls = ImageDataLoaders.from_folder(path, valid_pct=0.2, item_tfms=Resize(64))
    learn = Learner(
        dls,
        SmallCnn(10),
        loss_func=nn.CrossEntropyLoss(),
        metrics=accuracy,
    )
    learn.fit_one_cycle(5, 1e-3)
    return learn
