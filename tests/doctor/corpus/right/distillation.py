import torch
import torch.nn as nn
import torch.nn.functional as F


def kd_loss(student_logits, teacher_logits, labels, T=4.0, alpha=0.7):
    soft = F.kl_div(
        F.log_softmax(student_logits / T, dim=1),
        F.softmax(teacher_logits / T, dim=1),
        reduction="batchmean",
    )
    return alpha * T * T * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def train(student, teacher, loader):
    teacher.eval()
    student.train()
    opt = torch.optim.SGD(student.parameters(), lr=0.05, momentum=0.9)
    for x, y in loader:
        with torch.no_grad():
            t = teacher(x)
        s = student(x)
        loss = kd_loss(s, t, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
