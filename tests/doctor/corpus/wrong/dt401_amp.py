import torch
from torch import nn
from torch.cuda.amp import GradScaler, autocast


class Worker:
    def __init__(self, model, args):
        self.model = model.cuda()
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), args.lr, momentum=0.9)
        self.scaler = GradScaler()

    def train_one_epoch(self, loader):
        self.model.train()
        for images, target in loader:
            images, target = images.cuda(), target.cuda()
            with autocast():
                loss = self.criterion(self.model(images), target)
            self.scaler.scale(loss).backward()
            self.scaler.step(self.optimizer)
            self.scaler.update()
