from recsys.models import NeuMF
from recsys.trainer import PointwiseTrainer


def main(loader):
    net = NeuMF(6040, 3706, 32)
    trainer = PointwiseTrainer(net, lr=1e-3)
    trainer.fit(loader, epochs=20)
