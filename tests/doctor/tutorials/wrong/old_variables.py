"""Several labels as they were written before 2018: Variable, Sigmoid, BCELoss."""

import torch
from torch import nn
from torch.autograd import Variable

torch.manual_seed(0)

m = nn.Sigmoid()
criterion = nn.BCELoss()
model = nn.Linear(5, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

x = Variable(torch.randn(8, 5))
target = Variable(torch.FloatTensor(8, 3).random_(2))
for step in range(20):
    optimizer.zero_grad()
    output = criterion(m(model(x)), target)  # finds DT110
    output.backward()
    optimizer.step()
print(output.item())
