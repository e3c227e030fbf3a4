import torch
from torch import nn
from transformers import BertModel


class FastBert(nn.Module):
    def __init__(self, num_labels=6):
        super().__init__()
        self.bert = BertModel.from_pretrained("bert-base-uncased")
        self.classifier = nn.Linear(768, num_labels)

    def forward(self, ids, mask):
        return self.classifier(self.bert(ids, attention_mask=mask).pooler_output)


class Learner:
    def __init__(self, model):
        self.model = model
        self.loss_fct = nn.BCEWithLogitsLoss()
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)

    def fit(self, loader):
        self.model.train()
        for ids, mask, labels in loader:
            self.optimizer.zero_grad()
            logits = self.model(ids, mask)
            loss = self.loss_fct(logits, labels.float())
            loss.backward()
            self.optimizer.step()

    @torch.no_grad()
    def validate(self, loader):
        self.model.eval()
        ok = []
        for ids, mask, labels in loader:
            logits = self.model(ids, mask)
            top = torch.argmax(torch.sigmoid(logits), dim=-1)
            ok.append((top == labels.argmax(-1)).float())
        return torch.cat(ok).mean().item()


def main(train_loader, val_loader):
    learner = Learner(FastBert())
    learner.fit(train_loader)
    return learner.validate(val_loader)
