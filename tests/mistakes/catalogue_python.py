"""The same house by its other doors: calls of ``fit``, ``load`` and ``predict``."""

from tests.mistakes.row import Mistake


def call(name: str, line: str, code: int, *says: str, fix: str = "") -> Mistake:
    return Mistake(name, line, code, says, fix, python=True)


# X is a matrix (60, 3), y numbers (60,), c labels (60,), frame a pandas frame, my_loss
# one that averages over the batch.
PYTHON = [
    call(
        "X and y of different length",
        "dt.fit(X, y[:-1])",
        3,
        "60 rows of features, but 59 targets.",
        fix="give one target for each row",
    ),
    call(
        "NaN in y",
        "dt.plan(X, np.where(y > 250, np.nan, y)).notes",
        0,
        "1 rows without a target were set aside.",
    ),
    call(
        "X is a list of lists",
        "dt.plan(X.tolist(), c).schema.columns",
        0,
        "'x0', 'x1', 'x2'",
    ),
    call(
        "rows of X have different lengths",
        "dt.plan([[1, 2], [3]] * 30, c)",
        3,
        "Row 2 of the list has 1 values, row 1 has 2.",
        fix="give every row as many values",
    ),
    call("X has one axis", "dt.plan(X[:, 0], c)", 3, "(60,)", fix="two axes"),
    call(
        "X has three axes",
        "dt.plan(X.reshape(60, 3, 1), c)",
        3,
        "(60, 3, 1)",
        fix="two axes",
    ),
    call("X is complex", "dt.plan(X * 1j, c)", 3, "complex", fix="real and imaginary"),
    call(
        "X is sparse",
        "dt.plan(scipy.sparse.csr_matrix(X), c)",
        3,
        "Sparse data not supported",
        fix=".toarray()",
    ),
    call(
        "cells are dicts",
        "dt.plan({'a': [{'k': 1}] * 60}, c)",
        3,
        "Column 'a' holds",
        fix="convert the column, or drop it",
    ),
    call(
        "X has infinite numbers",
        "dt.plan(np.where(X > 60, np.inf, X), c)",
        3,
        "inf is not finite",
        fix="replace infinite cells",
    ),
    call(
        "y has three axes",
        "dt.plan(X, np.zeros((60, 2, 2)))",
        3,
        "(60, 2, 2)",
        fix="one or two axes",
    ),
    call("y is None", "dt.plan(X, None)", 2, "No target was given.", fix="target="),
    call(
        "the target is a number, not a name",
        "dt.plan(frame, 3)",
        3,
        "Got int as targets.",
        fix="give",
    ),
    call(
        "an option of fit() is misspelt",
        "dt.plan(X, y, epohcs=3)",
        4,
        "Unknown option 'epohcs'.",
        "Did you mean 'epochs'?",
        fix="options:",
    ),
    call(
        "epochs is text",
        "dt.plan(X, y, epochs='many')",
        4,
        "epochs is 'many'",
        fix="give epochs as int",
    ),
    call(
        "the model is misspelt",
        "dt.plan(X, y, model='resnet')",
        4,
        "Unknown model 'resnet'.",
        fix="use 'auto', your own nn.Module",
    ),
    call(
        "the loss function takes one argument",
        "dt.plan(X, y, loss=lambda raw: raw)",
        4,
        "The loss function takes (raw), not raw outputs and target.",
        fix="give a function (raw, target)",
    ),
    call(
        "the loss reduces a batch to one number",
        "dt.plan(X, y, loss=my_loss)",
        4,
        "reduces a batch to one number (reduction='mean')",
        fix="use reduction='none'",
    ),
    call(
        "rows to tune on come without their targets",
        "dt.plan(X, y, valid=X)",
        2,
        "valid= needs its targets too, as the main data's came apart.",
        fix="give valid=(X, y)",
    ),
    call(
        "the module ends in softmax",
        "dt.fit(X, c, epochs=1, model=nn.Sequential(nn.Linear(3, 3), nn.Softmax(1)))",
        4,
        "Your module ends in Softmax",
        "takes raw outputs",
        fix="remove the last activation",
    ),
    call(
        "the module takes other sizes",
        "dt.fit(X, c, epochs=1, model=nn.Linear(4, 3))",
        4,
        "Your module failed on a float matrix of 3 columns",
        fix="its first layer must take that many inputs",
    ),
    call(
        "the module gives other sizes",
        "dt.fit(X, c, epochs=1, model=nn.Linear(3, 2))",
        4,
        "Your module gives shape (16, 2) for 16 rows; (16, 3) raw outputs were needed.",
        fix="end with Multiclass's head",
    ),
    call(
        "the module is a class",
        "dt.fit(X, c, epochs=1, model=nn.Linear)",
        0,
    ),
    call(
        "probabilities of a regression",
        "dt.fit(X, y, epochs=1, folds=2).predict_proba(X)",
        4,
        "predicts numbers",
        fix="use predict",
    ),
    call(
        "prediction with too few columns",
        "dt.fit(X, y, epochs=1, folds=2).predict(X[:, :2])",
        3,
        "1 column is missing: 'x2'",
        fix="name the columns as in the training data",
    ),
    call(
        "no model there",
        "dt.load('nowhere')",
        3,
        "There is no model folder nowhere.",
        fix="give the folder",
    ),
    call(
        "two columns of a frame have one name",
        "dt.plan(pd.concat([frame, frame], axis=1), 'price')",
        3,
        "Column names appear more than once",
        fix="rename or drop",
    ),
    call(
        "the frame's target is misspelt",
        "dt.plan(frame, 'pirce')",
        3,
        "no column is named 'pirce'.",
        "Did you mean 'price'?",
        fix="name a column",
    ),
    call(
        "a frame without rows",
        "dt.plan(frame.head(0), 'price')",
        3,
        "The data has no rows.",
        fix="give data with rows",
    ),
]
