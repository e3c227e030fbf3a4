"""Decision rules: probabilities (or a mean) in, the decision in encoded space out.

rule         takes          gives              optimal for
Argmax       probs (n, C)   class index (n,)   accuracy
LeastCost    probs (n, C)   class index (n,)   expected cost
MedianRank   probs (n, K)   rank (n,)          mean absolute error of ranks
Threshold    probs (n, L)   0/1 (n, L)         accuracy of each yes/no, costs
TopK         probs (n, L)   0/1 (n, L)         precision and recall at k
Mean         mean (n, D)    mean (n, D)        squared error
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from dovetail._names import key, suggest
from dovetail.decisions._base import Decision
from dovetail.decisions.argmax import Argmax
from dovetail.decisions.least_cost import LeastCost
from dovetail.decisions.mean import Mean
from dovetail.decisions.median_rank import MedianRank
from dovetail.decisions.threshold import Threshold
from dovetail.decisions.top_k import TopK
from dovetail.errors import ConfigError

__all__ = [
    "Argmax",
    "Decision",
    "LeastCost",
    "Mean",
    "MedianRank",
    "Threshold",
    "TopK",
    "from_json",
]

_RULES: dict[str, type[Decision]] = {
    rule.__name__: rule
    for rule in (Argmax, LeastCost, Mean, MedianRank, Threshold, TopK)
}


def from_json(document: Mapping[str, Any]) -> Decision:
    """Read what ``Decision.to_json`` wrote.

    >>> from_json({"name": "Threshold", "threshold": [0.5, 0.25]})
    Threshold(threshold=(0.5, 0.25))
    """
    values = dict(document)
    name = str(values.pop("name", ""))
    by_key = {key(known): rule for known, rule in _RULES.items()}
    rule = by_key.get(key(name))
    if rule is None:
        raise ConfigError(
            f"Unknown decision rule {name!r}.{suggest(name, _RULES)}",
            fix=f"choose one of: {', '.join(sorted(_RULES))}",
        )
    known = [f.name for f in fields(rule)]
    if set(values) != set(known):
        needed = ", ".join(known) or "nothing"
        raise ConfigError(
            f"The decision rule {rule.__name__} needs {needed} beside its name, "
            f"got {', '.join(map(str, values)) or 'nothing'}.",
            fix="correct the document, or write it with Decision.to_json",
        )
    return rule(**values)  # each makes tuples of JSON's lists
