import torch
from transformers import get_linear_schedule_with_warmup


class Finetuner:
    def __init__(self, model, total, lr=2e-5):
        self.model = model
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
        self.scheduler = get_linear_schedule_with_warmup(self.optimizer, 100, total)

    def train(self, loader):
        self.model.train()
        for batch in loader:
            loss = self.model(**batch).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.scheduler.step()
            self.optimizer.step()
            self.model.zero_grad()
