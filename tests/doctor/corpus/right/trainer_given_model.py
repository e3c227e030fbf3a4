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
        return self.out(states.last_hidden_state[:, 0])


class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(768, 2)

    def forward(self, x):
        return F.softmax(self.out(x), dim=-1)


class StanceTrainer(Trainer):
    def compute_loss(self, model, inputs, return_outputs=False):
        stance = inputs.pop("labels")
        scores = model(**inputs)
        loss = F.cross_entropy(scores, stance)
        return (loss, scores) if return_outputs else loss


def main(rows):
    gate = Gate()
    trainer = StanceTrainer(
        model=Stance("bert-base-uncased", 3),
        args=TrainingArguments("out"),
        train_dataset=rows,
    )
    trainer.train()
    return gate
