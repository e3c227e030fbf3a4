import torch
from torch import nn

torch.manual_seed(0)
x = torch.linspace(0, 1, 100).unsqueeze(1)
y = torch.cos(6 * x)
net = nn.Sequential(nn.Linear(1, 30), nn.Tanh(), nn.Linear(30, 1)).double()
criterion = nn.MSELoss()
optimizer = torch.optim.LBFGS(net.parameters(), lr=0.8)

for i in range(15):
    print("STEP:", i)

    def closure():
        optimizer.zero_grad()
        out = net(x.double())
        loss = criterion(out, y.double())
        print("loss:", loss.item())
        loss.backward()
        return loss

    optimizer.step(closure)
