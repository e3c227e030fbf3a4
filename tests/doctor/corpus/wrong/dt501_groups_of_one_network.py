import torch
from torch import nn

encoder, decoder = nn.Linear(16, 4), nn.Linear(4, 16)
optimizer = torch.optim.AdamW(
    [
        {
            "params": [p for n, p in encoder.named_parameters() if "bias" in n],
            "weight_decay": 0.0,
        },
        {"params": [p for n, p in encoder.named_parameters() if "bias" not in n]},
    ]
)
for x in torch.randn(10, 8, 16):
    optimizer.zero_grad()
    nn.functional.mse_loss(decoder(encoder(x)), x).backward()
    optimizer.step()
