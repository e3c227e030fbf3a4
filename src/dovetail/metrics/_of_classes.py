"""What metrics share that count class by class."""

from dataclasses import dataclass
from typing import ClassVar

from dovetail.metrics._base import RowMetric, View
from dovetail.metrics._choices import whole_number


@dataclass(frozen=True, kw_only=True)
class OfClasses(RowMetric):
    """A score of decisions among ``classes`` classes, or of as many labels."""

    classes: int

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def __post_init__(self) -> None:
        whole_number(self.classes, "classes", type(self).__name__)
