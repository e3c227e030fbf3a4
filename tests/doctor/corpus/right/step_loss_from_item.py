import torch
from torch import nn


def learn_sentence(net, words, wanted, optimizer, criterion):
    """One step over all words; what is told is a number."""
    optimizer.zero_grad()
    loss = 0
    told = 0
    out = net(words)
    count = out.size(0)
    for at in range(count):
        loss += criterion(out[at], wanted[at])
    loss.backward()
    optimizer.step()
    told = loss.item() / count
    return told


net = nn.Linear(6, 9)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
criterion = nn.CrossEntropyLoss()
total = 0
for step in range(1, 1001):
    loss = learn_sentence(
        net, torch.randn(5, 1, 6), torch.randint(0, 9, (5, 1)), optimizer, criterion
    )
    total += loss
    if step % 100 == 0:
        print(total / 100)
        total = 0
