import copy

import torch
from torch import nn
import torch.nn.functional as F


class MeanTeacher:
    def __init__(self, student, decay=0.999):
        self.student = student
        self.teacher = copy.deepcopy(student)
        for p in self.teacher.parameters():
            p.requires_grad_(False)
        self.decay = decay
        self.optimizer = torch.optim.Adam(self.student.parameters(), lr=1e-3)

    @torch.no_grad()
    def update_teacher(self):
        for t, s in zip(self.teacher.parameters(), self.student.parameters()):
            t.mul_(self.decay).add_(s, alpha=1 - self.decay)

    def step(self, x, y, x_u):
        s = self.student(x)
        consistency = F.mse_loss(self.student(x_u).softmax(1), self.teacher(x_u).softmax(1))
        loss = F.cross_entropy(s, y) + consistency
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.update_teacher()


def train(student, loader, extra):
    mt = MeanTeacher(student)
    for (x, y), x_u in zip(loader, extra):
        mt.step(x, y, x_u)
