from torch import nn, optim

HIDDEN = 40


def get_model(n_inputs, n_classes):
    stack = [nn.Linear(n_inputs, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, n_classes)]
    stack.append(nn.Sigmoid())
    return nn.Sequential(*stack)


def fit(model, loader, loss_function, opt):
    for xb, yb in loader:
        loss = loss_function(model(xb), yb)
        loss.backward()
        opt.step()
        opt.zero_grad()


def main(loader):
    model = get_model(30, 2)
    opt = optim.Adam(model.parameters(), lr=0.003)
    fit(model, loader, nn.CrossEntropyLoss(), opt)
