"""A Task in the Hugging Face Trainer: forward gives our loss beside raw outputs."""

import tempfile

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from transformers import Trainer, TrainingArguments

import dovetail as dt

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X / 16, y, stratify=y, random_state=0)
task = dt.tasks.Multiclass.from_targets(y)


class Digits(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), task.head(64))

    def forward(self, x, labels=None):
        raw = self.net(x)
        if labels is None:
            return {"logits": raw}
        return {"loss": task.loss(raw, labels).mean(), "logits": raw}


def rows(X, y):
    x = torch.tensor(X, dtype=torch.float32)
    pairs = zip(x, task.encode(y), strict=True)
    return [{"x": one, "labels": target} for one, target in pairs]


def compute_metrics(prediction):
    raw = torch.as_tensor(prediction.predictions)
    return task.evaluate(raw, torch.as_tensor(prediction.label_ids))


torch.manual_seed(0)
with tempfile.TemporaryDirectory() as folder:
    trainer = Trainer(
        Digits(),
        TrainingArguments(
            folder,
            num_train_epochs=15,
            per_device_train_batch_size=64,
            learning_rate=3e-3,
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
            logging_strategy="no",
            use_cpu=True,
            dataloader_pin_memory=False,
        ),
        train_dataset=rows(X, y),
        eval_dataset=rows(X_test, y_test),
        compute_metrics=compute_metrics,
    )
    trainer.train()
    scores = trainer.evaluate()
print(
    "trainer:  ", {k: round(scores[f"eval_{k}"], 3) for k in ("log_loss", "accuracy")}
)
assert scores["eval_accuracy"] > 0.93
