import torch
import torch.nn as nn


class NeuMF(nn.Module):
    def __init__(self, users, items, dim):
        super().__init__()
        self.user_gmf = nn.Embedding(users, dim)
        self.item_gmf = nn.Embedding(items, dim)
        self.user_mlp = nn.Embedding(users, dim)
        self.item_mlp = nn.Embedding(items, dim)
        self.mlp = nn.Sequential(nn.Linear(2 * dim, dim), nn.ReLU())
        self.predict_layer = nn.Linear(2 * dim, 1)

    def forward(self, user, item):
        gmf = self.user_gmf(user) * self.item_gmf(item)
        mlp = self.mlp(torch.cat([self.user_mlp(user), self.item_mlp(item)], dim=-1))
        out = self.predict_layer(torch.cat([gmf, mlp], dim=-1))
        return out.view(-1).sigmoid()
