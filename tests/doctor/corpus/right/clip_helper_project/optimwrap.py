import torch


class OptimWrapper:
    def __init__(self, params, lr, clip):
        self.params = list(params)
        self.opt = torch.optim.Adam(self.params, lr=lr)
        self.clip = clip

    def backward_and_step(self, loss):
        self.opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.params, self.clip)
        self.opt.step()
