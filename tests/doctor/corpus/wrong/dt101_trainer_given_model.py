import torch.nn.functional as F
from torch import nn
from transformers import AutoModel, Trainer, TrainingArguments


class Stance(nn.Module):
    def __init__(self, name, stances):
        super().__init__()
        self.encoder = AutoModel.from_pretrained(name)
        self.out = nn.Linear(768, stances)

    def forward(self, input_ids, attention_mask):
        states = self.encoder(input_ids, attention_mask=attention_mask)
        return F.softmax(self.out(states.last_hidden_state[:, 0]), dim=-1)


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(768, 2)

    def forward(self, x):
        return self.out(x)


class StanceTrainer(Trainer):
    def compute_loss(self, model, inputs, return_outputs=False):
        stance = inputs.pop("labels")
        shares = model(**inputs)
        loss = F.cross_entropy(shares, stance)
        return (loss, shares) if return_outputs else loss


def main(rows):
    trainer = StanceTrainer(
        model=Stance("bert-base-uncased", 3),
        args=TrainingArguments("out"),
        train_dataset=rows,
    )
    trainer.train()
