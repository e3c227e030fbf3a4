"""Metrics: what a prediction is worth, with weights, in float64.

    takes      metrics
    probs      LogLoss Brier CalibrationError AUROC AveragePrecision; TopK of classes,
               RankingLoss PrecisionAt of labels, RPS of ranks
    decision   Accuracy BalancedAccuracy MCC; Precision Recall Specificity F1 of yes/no;
               MacroPrecision MacroRecall MacroF1 of classes and of labels; Micro...,
               Sample..., Hamming SubsetAccuracy of labels; RankError WithinOne
               QuadraticKappa of ranks
    point      RMSE MAE R2 PoissonDeviance; RelativeRMSE RelativeMAE of several columns,
               OfColumn of one of them; Pinball CoverageGap of a quantile

``interval`` gives a metric's confidence interval, ``confusion`` the table of classes.
"""

from dovetail.metrics._base import Metric, RankMetric, RowMetric, View
from dovetail.metrics.accuracy import Accuracy, BalancedAccuracy
from dovetail.metrics.auroc import AUROC
from dovetail.metrics.average_precision import AveragePrecision
from dovetail.metrics.binary import F1, Precision, Recall, Specificity
from dovetail.metrics.bootstrap import interval, resampled
from dovetail.metrics.brier import Brier
from dovetail.metrics.calibration_error import CalibrationError
from dovetail.metrics.confusion_matrix import confusion
from dovetail.metrics.label_ranking import PrecisionAt, RankingLoss
from dovetail.metrics.label_sets import Hamming, SubsetAccuracy
from dovetail.metrics.log_loss import LogLoss
from dovetail.metrics.macro import MacroF1, MacroPrecision, MacroRecall
from dovetail.metrics.matthews import MCC
from dovetail.metrics.micro import MicroF1, MicroPrecision, MicroRecall
from dovetail.metrics.names import by_name
from dovetail.metrics.of_column import OfColumn
from dovetail.metrics.ordinal import QuadraticKappa, RankError, WithinOne
from dovetail.metrics.quantile import CoverageGap, Pinball
from dovetail.metrics.r2 import R2
from dovetail.metrics.regression import MAE, RMSE, PoissonDeviance
from dovetail.metrics.relative import RelativeMAE, RelativeRMSE
from dovetail.metrics.rps import RPS
from dovetail.metrics.sample import SampleF1, SamplePrecision, SampleRecall
from dovetail.metrics.top_k import TopK

__all__ = [
    "AUROC",
    "F1",
    "MAE",
    "MCC",
    "R2",
    "RMSE",
    "RPS",
    "Accuracy",
    "AveragePrecision",
    "BalancedAccuracy",
    "Brier",
    "CalibrationError",
    "CoverageGap",
    "Hamming",
    "LogLoss",
    "MacroF1",
    "MacroPrecision",
    "MacroRecall",
    "Metric",
    "MicroF1",
    "MicroPrecision",
    "MicroRecall",
    "OfColumn",
    "Pinball",
    "PoissonDeviance",
    "Precision",
    "PrecisionAt",
    "QuadraticKappa",
    "RankError",
    "RankMetric",
    "RankingLoss",
    "Recall",
    "RelativeMAE",
    "RelativeRMSE",
    "RowMetric",
    "SampleF1",
    "SamplePrecision",
    "SampleRecall",
    "Specificity",
    "SubsetAccuracy",
    "TopK",
    "View",
    "WithinOne",
    "by_name",
    "confusion",
    "interval",
    "resampled",
]
