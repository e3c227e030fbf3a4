"""Intervals with a promised coverage round a Regressor's predictions, by MAPIE."""

import numpy as np
from mapie.regression import SplitConformalRegressor
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

import dovetail as dt

X, y = load_diabetes(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, test_size=0.25, random_state=0)
X, X_conform, y, y_conform = train_test_split(X, y, test_size=0.3, random_state=0)

regressor = dt.Regressor().fit(X, y)
conformal = SplitConformalRegressor(regressor, confidence_level=0.9, prefit=True)
conformal.conformalize(X_conform, y_conform)
points, intervals = conformal.predict_interval(X_test)

low, high = intervals[:, 0, 0], intervals[:, 1, 0]
covered = float(((low <= y_test) & (y_test <= high)).mean())
print(f"{covered:.0%} of {len(y_test)} targets lie in their interval (90 % asked for)")
print(f"half a width: {np.mean(high - low) / 2:.0f}, of targets from 25 to 346")
assert 0.8 < covered < 0.98
