import torch
import torch.nn.functional as F


def update(loss, opt, clip, params):
    loss.backward()
    torch.nn.utils.clip_grad_norm_(params, clip)
    opt.step()


def run(model, batches, clip=1.0):
    opt = torch.optim.AdamW(model.parameters(), lr=5e-4)
    history = []
    for step, (tokens, target) in enumerate(batches):
        logits = model(tokens)
        loss = F.cross_entropy(logits.flatten(0, 1), target.flatten())
        update(loss, opt, clip, list(model.parameters()))
        history.append(loss.item())
    return history
