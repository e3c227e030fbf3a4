SETTINGS = {
    "loss": "CrossEntropyLoss",
    "optimizer": "Adam",
    "lr": 1e-3,
    "classes": 6,
}
