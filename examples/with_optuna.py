"""Optuna looks for the learning rate and the batch size of a Classifier."""

import warnings

import optuna
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import cross_val_score, train_test_split

import dovetail as dt

X, y = load_breast_cancer(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, stratify=y, random_state=0)
optuna.logging.set_verbosity(optuna.logging.WARNING)
warnings.simplefilter("ignore", dt.errors.DovetailWarning)


def log_loss(trial: optuna.Trial) -> float:
    classifier = dt.Classifier(
        lr=trial.suggest_float("lr", 1e-4, 1e-1, log=True),
        batch_size=trial.suggest_categorical("batch_size", [64, 256]),
        epochs=10,
    )
    scores = cross_val_score(classifier, X, y, cv=2, scoring="neg_log_loss")
    return -float(scores.mean())


study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
study.optimize(log_loss, n_trials=5)
best = dt.Classifier(**study.best_params).fit(X, y)
print("best:    ", study.best_params, f"log loss {study.best_value:.3f}")
print("accuracy:", round(best.score(X_test, y_test), 3))
assert best.score(X_test, y_test) > 0.93
