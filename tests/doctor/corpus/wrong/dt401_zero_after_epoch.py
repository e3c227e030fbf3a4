import torch
from tqdm import tqdm


def train_one_epoch(epoch, net, loader, loss_fn, optimizer, device):
    net.train()
    bar = tqdm(loader, desc=f"epoch {epoch}")
    total = 0.0
    for step, batch in enumerate(bar):
        x = batch["image"].to(device, non_blocking=True)
        y = batch["label"].to(device, non_blocking=True)
        loss = loss_fn(net(x), y)
        loss.backward()
        torch.nn.utils.clip_grad_value_(net.parameters(), 0.5)
        optimizer.step()
        total += loss.item()
        bar.set_postfix(loss=total / (step + 1))
    optimizer.zero_grad()
    return total / len(loader)


def main(net, loader, device):
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-4)
    for epoch in range(100):
        train_one_epoch(epoch, net, loader, torch.nn.CrossEntropyLoss(), optimizer, device)
