"""What is known of libraries by name: losses, layers, functions.

Names are full and canonical: "torch.nn.Softmax", "torch.nn.functional.softmax".
"""

import re
from dataclasses import dataclass
from typing import Final, final

_MODULES = re.compile(r"^torch\.nn\.modules\.(?:[a-z]\w*\.)*(?=[A-Z])")
_SPECIAL = {
    "torch.special.softmax": "torch.nn.functional.softmax",
    "torch.special.log_softmax": "torch.nn.functional.log_softmax",
    "torch.special.expit": "torch.sigmoid",
    "torch.softmax": "torch.nn.functional.softmax",
    "torch.log_softmax": "torch.nn.functional.log_softmax",
    "torch.nn.functional.sigmoid": "torch.sigmoid",
    "torch.nn.functional.tanh": "torch.tanh",
    "torch.relu": "torch.nn.functional.relu",
    "torch.binary_cross_entropy_with_logits": (
        "torch.nn.functional.binary_cross_entropy_with_logits"
    ),
    "torchvision.ops.focal_loss.sigmoid_focal_loss": (
        "torchvision.ops.sigmoid_focal_loss"
    ),
}


def canonical(name: str) -> str:
    """One name for what a library offers under several.

    >>> canonical("torch.nn.modules.loss.BCELoss"), canonical("torch.special.expit")
    ('torch.nn.BCELoss', 'torch.sigmoid')
    """
    name = _SPECIAL.get(name, name)
    if name.startswith("torch.nn.modules."):
        name = _MODULES.sub("torch.nn.", name)
    if name.startswith("lightning.pytorch."):
        name = name.replace("lightning.pytorch.", "pytorch_lightning.", 1)
    elif name.startswith("lightning.") and name.count(".") == 1:
        name = name.replace("lightning.", "pytorch_lightning.", 1)
    return name


@final
@dataclass(frozen=True)
class Loss:
    """What a loss takes: ``family`` is the space of its input.

    ce          raw scores, one class of several    bce         a probability
    bce_logits  raw scores, each yes or no          nll         log-probabilities
    regression  numbers                             other       not looked at
    """

    family: str
    name: str  # as a user says it
    short: str = ""  # of the functional form
    warns: bool = False  # about shapes that broadcast; or raises


_LOSSES = {
    "CrossEntropyLoss": ("ce", "cross_entropy"),
    "NLLLoss": ("nll", "nll_loss"),
    "NLLLoss2d": ("nll", ""),
    "CrossEntropyLoss2d": ("ce", ""),
    "BCELoss": ("bce", "binary_cross_entropy"),
    "BCEWithLogitsLoss": ("bce_logits", "binary_cross_entropy_with_logits"),
    "MultiLabelSoftMarginLoss": ("bce_logits", "multilabel_soft_margin_loss"),
    "MSELoss": ("regression", "mse_loss"),
    "L1Loss": ("regression", "l1_loss"),
    "SmoothL1Loss": ("regression", "smooth_l1_loss"),
    "HuberLoss": ("regression", "huber_loss"),
    "PoissonNLLLoss": ("other", "poisson_nll_loss"),
    "GaussianNLLLoss": ("other", "gaussian_nll_loss"),
    "HingeEmbeddingLoss": ("other", "hinge_embedding_loss"),
    "KLDivLoss": ("other", "kl_div"),
    "SoftMarginLoss": ("other", "soft_margin_loss"),
    "MultiMarginLoss": ("other", "multi_margin_loss"),
    "MultiLabelMarginLoss": ("other", "multilabel_margin_loss"),
    "MarginRankingLoss": ("other", "margin_ranking_loss"),
    "CosineEmbeddingLoss": ("other", "cosine_embedding_loss"),
    "TripletMarginLoss": ("other", "triplet_margin_loss"),
    "CTCLoss": ("other", "ctc_loss"),
}

LOSS_CLASSES: Final = {
    **{f"torch.nn.{n}": Loss(family, n) for n, (family, _) in _LOSSES.items()},
    "timm.loss.LabelSmoothingCrossEntropy": Loss("ce", "LabelSmoothingCrossEntropy"),
    "timm.loss.SoftTargetCrossEntropy": Loss("ce", "SoftTargetCrossEntropy"),
    "timm.loss.BinaryCrossEntropy": Loss("bce_logits", "timm's BinaryCrossEntropy"),
}
_FASTAI = {
    "CrossEntropyLossFlat": "ce",
    "LabelSmoothingCrossEntropy": "ce",
    "LabelSmoothingCrossEntropyFlat": "ce",
    "BCEWithLogitsLossFlat": "bce_logits",
    "BCELossFlat": "bce",
}
LOSS_FUNCTIONS: Final = {
    **{
        f"torch.nn.functional.{short}": Loss(family, short)
        for family, short in _LOSSES.values()
        if short
    },
    "torchvision.ops.sigmoid_focal_loss": Loss("bce_logits", "sigmoid_focal_loss"),
}


def loss_class(name: str) -> Loss | None:
    """The loss that a class of a library computes, or None."""
    if name.startswith(("fastai.", "fastai2.")):
        last = name.rpartition(".")[2]
        return Loss(_FASTAI[last], last) if last in _FASTAI else None
    if name.startswith("timm.loss."):
        name = f"timm.loss.{name.rpartition('.')[2]}"
    return LOSS_CLASSES.get(name)


# Layers that put their input into a range; and the functions of the same names.
ACTIVATION_LAYERS: Final = {
    "torch.nn.Softmax": "softmax",
    "torch.nn.Softmax2d": "softmax",
    "torch.nn.LogSoftmax": "log_softmax",
    "torch.nn.Softmin": "softmin",
    "torch.nn.Sigmoid": "sigmoid",
    "torch.nn.LogSigmoid": "logsigmoid",
    "torch.nn.Hardsigmoid": "hardsigmoid",
    "torch.nn.ReLU": "relu",
    "torch.nn.ReLU6": "relu6",
    "torch.nn.Tanh": "tanh",
    "torch.nn.Hardtanh": "hardtanh",
    "torch.nn.Softsign": "softsign",
    "torch.nn.Softplus": "softplus",
    "torch.nn.ELU": "elu",
    "torch.nn.SELU": "selu",
    "torch.nn.CELU": "celu",
    "torch.nn.GELU": "gelu",
    "torch.nn.SiLU": "silu",
    "torch.nn.Mish": "mish",
    "torch.nn.Hardswish": "hardswish",
    "torch.nn.LeakyReLU": "leaky_relu",
    "torch.nn.RReLU": "leaky_relu",
    "torch.nn.PReLU": "leaky_relu",
}
ACTIVATION_FUNCTIONS: Final = {
    **{
        f"torch.nn.functional.{op}": op
        for op in {*ACTIVATION_LAYERS.values(), "gumbel_softmax"}
    },
    **{f"torch.{op}": op for op in ("sigmoid", "tanh", "selu", "celu")},
    "torch.nn.functional.relu_": "relu",
    "torch.relu_": "relu",
    "torch.nn.functional.rrelu": "leaky_relu",
    "torch.nn.functional.prelu": "leaky_relu",
}
# As methods of a tensor.
ACTIVATION_METHODS: Final = {
    "softmax": "softmax",
    "log_softmax": "log_softmax",
    "sigmoid": "sigmoid",
    "sigmoid_": "sigmoid",
    "relu": "relu",
    "relu_": "relu",
    "tanh": "tanh",
    "tanh_": "tanh",
}
WITH_DIM: Final = {"softmax", "log_softmax", "softmin", "gumbel_softmax"}

# Scores that are squeezed or cut: (what it does to them).
CUTTING: Final = {
    "relu": "negative scores become 0, and units that are 0 get no gradient",
    "relu6": "scores are cut to [0, 6]",
    "tanh": "scores are squeezed into (-1, 1)",
    "hardtanh": "scores are cut to [-1, 1]",
    "softsign": "scores are squeezed into (-1, 1)",
    "softplus": "no score can be negative",
    "elu": "no score can be below -1",
    "selu": "no score can be below -1.76",
    "celu": "no score can be below -1",
    "gelu": "no score can be below -0.17",
    "silu": "no score can be below -0.28",
    "mish": "no score can be below -0.31",
    "hardswish": "no score can be below -0.38",
}

_NN_CORE = [
    "Module",
    "Sequential",
    "ModuleList",
    "ModuleDict",
    "Parameter",
    "ParameterList",
    "ParameterDict",
    "Linear",
    "Bilinear",
    "LazyLinear",
    "Identity",
    "Flatten",
    "Unflatten",
    "Embedding",
    "EmbeddingBag",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "LazyConv1d",
    "LazyConv2d",
    "LSTM",
    "GRU",
    "RNN",
    "LSTMCell",
    "GRUCell",
    "RNNCell",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "AlphaDropout",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "LayerNorm",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "SyncBatchNorm",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveAvgPool3d",
    "Upsample",
    "PixelShuffle",
    "ZeroPad2d",
    "MultiheadAttention",
    "Transformer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "CosineSimilarity",
    "DataParallel",
    "functional",
    "init",
    "utils",
    "parameter",
]
_NN = {
    **{n: f"torch.nn.{n}" for n in (*_NN_CORE, *_LOSSES)},
    **{n.rpartition(".")[2]: n for n in ACTIVATION_LAYERS},
}
_FUNCTIONAL = {
    n.rpartition(".")[2]: n
    for n in (*ACTIVATION_FUNCTIONS, *LOSS_FUNCTIONS)
    if n.startswith("torch.nn.functional.")
} | {
    n: f"torch.nn.functional.{n}"
    for n in ("linear", "dropout", "one_hot", "normalize", "interpolate", "max_pool2d")
}
_FASTAI_STAR = {
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "torch": "torch",
    "Learner": "fastai.learner.Learner",
    "Module": "torch.nn.Module",
    "tensor": "torch.tensor",
    **{n: f"fastai.losses.{n}" for n in _FASTAI},
}
OPTIMIZERS: Final = [
    "SGD",
    "Adam",
    "AdamW",
    "RMSprop",
    "Adagrad",
    "Adadelta",
    "Adamax",
    "NAdam",
    "RAdam",
    "LBFGS",
]
STAR_NAMES: Final[dict[str, dict[str, str]]] = {
    "torch.nn": _NN,
    "torch.nn.modules": _NN,
    "torch.nn.functional": _FUNCTIONAL,
    "torch.optim": {n: f"torch.optim.{n}" for n in (*OPTIMIZERS, "lr_scheduler")},
    "torch": {
        n: f"torch.{n}"
        for n in [
            "nn",
            "optim",
            "tensor",
            "from_numpy",
            "sigmoid",
            "softmax",
            "log_softmax",
            "tanh",
            "log",
            "exp",
            "argmax",
            "max",
            "round",
            "no_grad",
            "manual_seed",
            "randn",
            "rand",
            "randint",
            "zeros",
            "ones",
            "cat",
            "stack",
            "where",
            "clamp",
            "save",
            "load",
            "device",
            "long",
            "float32",
            "float64",
            "int64",
            "utils",
        ]
    },
    "torch.utils.data": {
        n: f"torch.utils.data.{n}"
        for n in ("DataLoader", "Dataset", "TensorDataset", "random_split", "Subset")
    },
    **{
        f"fastai.{name}": _FASTAI_STAR
        for name in (
            "vision.all",
            "text.all",
            "tabular.all",
            "basics",
            "collab",
            "vision",
            "text",
            "tabular",
            "imports",
            "torch_basics",
        )
    },
}
# Their own code is not followed even where it lies beside the project's.
KNOWN: Final = (
    "torch",
    "torchvision",
    "timm",
    "skorch",
    "pytorch_lightning",
    "lightning",
    "fastai",
    "transformers",
    "numpy",
    "sklearn",
    "pandas",
)

# Names that every file knows.
BUILTINS: Final = frozenset(
    [
        "abs",
        "all",
        "any",
        "bool",
        "callable",
        "dict",
        "enumerate",
        "eval",
        "filter",
        "float",
        "getattr",
        "globals",
        "hasattr",
        "id",
        "int",
        "isinstance",
        "issubclass",
        "iter",
        "len",
        "list",
        "locals",
        "map",
        "max",
        "min",
        "next",
        "object",
        "open",
        "print",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "setattr",
        "slice",
        "sorted",
        "str",
        "sum",
        "super",
        "tuple",
        "type",
        "vars",
        "zip",
        "__import__",
    ]
)

# Methods that give back what they are called on.
SELF_METHODS: Final = frozenset(
    [
        "to",
        "cuda",
        "cpu",
        "train",
        "eval",
        "half",
        "float",
        "double",
        "bfloat16",
        "requires_grad_",
        "apply",
        "xpu",
        "share_memory",
        "type",
        "zero_grad",
        "compile",
    ]
)
