import torch
from torch.nn.functional import cross_entropy, relu, softmax
from torch.optim import Adam

torch.manual_seed(0)
w1 = (torch.randn(20, 64) * 0.1).requires_grad_()
b1 = torch.zeros(64, requires_grad=True)
w2 = (torch.randn(64, 5) * 0.1).requires_grad_()
b2 = torch.zeros(5, requires_grad=True)
params = [w1, b1, w2, b2]


def net(x):
    hidden = relu(x @ w1 + b1)
    return softmax(hidden @ w2 + b2, dim=-1)


def fit(x, y, steps=500):
    opt = Adam(params, lr=1e-2)
    for i in range(steps):
        opt.zero_grad()
        loss = cross_entropy(net(x), y)
        loss.backward()
        opt.step()
    return loss.item()


if __name__ == "__main__":
    x = torch.randn(256, 20)
    y = torch.randint(0, 5, (256,))
    print(fit(x, y))
