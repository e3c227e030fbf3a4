import torch
import torch.nn as nn
import torchvision
from torch.optim import SGD
from torch.optim.lr_scheduler import StepLR


def make_model(num_classes):
    model = torchvision.models.resnet18(weights="IMAGENET1K_V1")
    in_features = model.fc.in_features
    model.fc = nn.Sequential(
        nn.Dropout(0.2),
        nn.Linear(in_features, num_classes),
        nn.Softmax(dim=1),
    )
    return model


def train(train_loader, val_loader, device="cuda"):
    net = make_model(120).to(device)
    ce = nn.CrossEntropyLoss(label_smoothing=0.1)
    opt = SGD(net.parameters(), lr=0.005, momentum=0.9, weight_decay=1e-4)
    sched = StepLR(opt, 7, 0.1)
    for epoch in range(25):
        net.train()
        for img, target in train_loader:
            img, target = img.to(device), target.to(device)
            loss = ce(net(img), target)
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()

        net.eval()
        good = total = 0
        with torch.no_grad():
            for img, target in val_loader:
                guess = net(img.to(device)).argmax(1)
                good += (guess.cpu() == target).sum().item()
                total += target.numel()
        print(f"{epoch}: {good / total:.4f}")
