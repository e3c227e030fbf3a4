"""The doctor inside other people's loops."""

import warnings
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from tests.diagnose.programs import mlp

X, Y = torch.randn(32, 6), torch.arange(32) % 3
LASTS: dict[str, list[nn.Module]] = {"right": [], "wrong": [nn.Softmax(1)]}
EXPECTED = {"right": [], "wrong": ["softmax-before-cross-entropy"]}


@pytest.mark.parametrize("which", LASTS)
@pytest.mark.filterwarnings("ignore")
def test_lightning(which: str, tmp_path: Any) -> None:
    lightning = pytest.importorskip("lightning.pytorch")
    from dovetail.diagnose.lightning import Doctor

    class Net(lightning.LightningModule):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.net = mlp(3, *LASTS[which])

        def forward(self, x: Tensor) -> Tensor:
            return self.net(x)

        def training_step(self, batch: Any, index: int) -> Tensor:
            return F.cross_entropy(self(batch[0]), batch[1])

        def validation_step(self, batch: Any, index: int) -> None:
            F.cross_entropy(self(batch[0]), batch[1])

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.1)

    doctor = Doctor()
    trainer = lightning.Trainer(
        max_epochs=2,
        callbacks=[doctor],
        accelerator="cpu",
        logger=False,
        default_root_dir=tmp_path,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    loader = DataLoader(TensorDataset(X, Y), batch_size=8)
    trainer.fit(Net(), loader, loader)
    assert [finding.rule for finding in doctor.findings] == EXPECTED[which]
    assert not torch.overrides._get_current_function_mode_stack()


@pytest.mark.parametrize("which", LASTS)
def test_skorch(which: str) -> None:
    skorch = pytest.importorskip("skorch")
    from dovetail.diagnose.skorch import Doctor

    net = skorch.NeuralNetClassifier(
        mlp(3, *LASTS[which]),
        criterion=nn.CrossEntropyLoss,
        max_epochs=2,
        batch_size=8,
        verbose=0,
        callbacks=[("doctor", Doctor())],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net.fit(X.numpy(), Y.numpy())
    found = dict(net.callbacks_)["doctor"].findings_
    assert [finding.rule for finding in found] == EXPECTED[which]
    assert not torch.overrides._get_current_function_mode_stack()


def test_skorch_takes_the_log_of_probabilities_itself() -> None:
    skorch = pytest.importorskip("skorch")
    from dovetail.diagnose.skorch import Doctor

    net = skorch.NeuralNetClassifier(
        mlp(3, nn.Softmax(-1)),  # NLLLoss is its criterion, and wants these
        max_epochs=1,
        verbose=0,
        callbacks=[("doctor", Doctor())],
    )
    net.fit(X.numpy(), Y.numpy())
    assert dict(net.callbacks_)["doctor"].findings_ == []
