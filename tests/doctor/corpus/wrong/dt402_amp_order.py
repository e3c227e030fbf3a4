import torch


def train(net, loader, criterion, device):
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-4)
    scaler = torch.amp.GradScaler("cuda")
    for img, mask in loader:
        with torch.autocast(device_type="cuda"):
            pred = net(img.to(device))
            loss = criterion(pred, mask.to(device))
        scaler.scale(loss).backward()
        optimizer.zero_grad(set_to_none=True)
        scaler.step(optimizer)
        scaler.update()
