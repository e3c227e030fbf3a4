import torch
import torch.nn.functional as F


def train(model, data, epochs):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005, weight_decay=5e-4)
    best = 0.0
    for epoch in range(1, epochs + 1):
        model.train()
        out = model(data.x, data.edge_index)
        loss = F.cross_entropy(out[data.train_mask], data.y[data.train_mask])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        model.zero_grad()
        optimizer.step()
    return best
