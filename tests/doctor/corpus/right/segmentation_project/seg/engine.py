import torch


def train_one(net, loader, criterion, optimizer):
    net.train()
    total = 0.0
    for img, mask in loader:
        optimizer.zero_grad()
        loss = criterion(net(img), mask)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


@torch.no_grad()
def iou(net, loader, threshold=0.5):
    net.eval()
    inter = union = 0
    for img, mask in loader:
        pred = torch.sigmoid(net(img)) > threshold
        inter += (pred & mask.bool()).sum().item()
        union += (pred | mask.bool()).sum().item()
    return inter / max(union, 1)
