from torch import nn
from torchsample.modules import ModuleTrainer


def build(columns):
    return nn.Sequential(
        nn.Linear(columns, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
        nn.Sigmoid(),
    )


def main(rows, answers):
    trainer = ModuleTrainer(build(12))
    trainer.compile(loss=nn.BCEWithLogitsLoss(), optimizer="adam")
    trainer.fit(rows, answers, num_epoch=20)
