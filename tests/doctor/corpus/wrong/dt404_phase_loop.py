import copy

import torch
from torch import nn
from torch.optim import lr_scheduler


def train_model(model, dataloaders, num_epochs=25):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    scheduler = lr_scheduler.ExponentialLR(optimizer, 0.9)
    best = copy.deepcopy(model.state_dict())
    best_acc = 0.0
    for epoch in range(num_epochs):
        for phase in ["train", "val"]:
            if phase == "train":
                scheduler.step()
                model.train()
            else:
                model.eval()
            corrects = n = 0
            for inputs, labels in dataloaders[phase]:
                optimizer.zero_grad()
                with torch.set_grad_enabled(phase == "train"):
                    outputs = model(inputs)
                    loss = criterion(outputs, labels)
                    if phase == "train":
                        loss.backward()
                        optimizer.step()
                corrects += (outputs.argmax(1) == labels).sum().item()
                n += len(labels)
            if phase == "val" and corrects / n > best_acc:
                best_acc = corrects / n
                best = copy.deepcopy(model.state_dict())
    model.load_state_dict(best)
    return model
