"""Which outcomes cannot be ruled out: sets of labels that hold the truth of each class as often as they say.

Class-wise (Mondrian) split-conformal prediction (Vovk, Gammerman and Shafer 2005, section 4.5): a class is in
the set of a case unless the case conforms to it less than all but a tenth of the class's own held-out cases
do. So of every class, a rare one too, nine in ten cases have it in their set. Two labels in a set say that
the model cannot tell them apart; an empty set says that the case is like none it was judged on.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.conformal import COVERAGE

Array = NDArray[np.float64]
Sets = NDArray[np.bool_]  # (rows, classes)

OF_TWO = ("no", "yes")  # what the outcomes 0 and 1 are called where the task names no classes
BETWEEN = "|"


@dataclass(frozen=True)
class LabelSets:
    """For each class the conformity below which it is ruled out; -inf where its cases were too few to say."""

    classes: tuple[str, ...]
    thresholds: tuple[float, ...]
    coverage: float = COVERAGE

    def sets(self, scores: Array) -> Sets:
        """Which classes are in the set of each case, shape (rows, classes).

        scores: what `label_sets` was given, (rows,) log-odds of two classes or (rows, classes).
        """
        return np.asarray(_conformity(scores) >= np.asarray(self.thresholds))

    def named(self, sets: Sets) -> pl.Series:
        """The names in each set joined by «|» (in a name itself it becomes «¦»), empty for an empty set."""
        frame = pl.DataFrame(sets, schema=[str(place) for place in range(len(self.classes))])
        names = [
            pl.when(pl.col(str(place))).then(pl.lit(name.replace(BETWEEN, "¦")))
            for place, name in enumerate(self.classes)
        ]
        return frame.select(label_set=pl.concat_str(names, separator=BETWEEN, ignore_nulls=True))["label_set"]

    def as_json(self) -> dict[str, Any]:
        thresholds = [None if np.isinf(limit) else limit for limit in self.thresholds]
        return {"classes": list(self.classes), "thresholds": thresholds, "coverage": self.coverage}

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "LabelSets":
        thresholds = tuple(-np.inf if limit is None else limit for limit in given["thresholds"])
        return cls(tuple(given["classes"]), thresholds, given["coverage"])


def label_sets(
    scores: Array, labels: Array, classes: tuple[str, ...] = (), coverage: float = COVERAGE
) -> LabelSets:
    """The thresholds from held-out scores and their labels (0/1 or class numbers).

    scores: (cases,) log-odds of two classes, or (cases, classes), higher where the class is likelier.
    `classes` may be left out where there are two.
    """
    names = classes or OF_TWO
    conformity = _conformity(scores)
    limits = [_limit(conformity[labels == place, place], coverage) for place in range(len(names))]
    return LabelSets(names, tuple(limits), coverage)


def _conformity(scores: Array) -> Array:
    return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores


def _limit(own: Array, coverage: float) -> float:
    """The conformity that at least `coverage` of the class's further cases reach."""
    rank = int((1 - coverage) * (len(own) + 1) + 1e-9)  # a tenth of ten cases is one, not 0.99
    return float(np.sort(own)[rank - 1]) if rank else -np.inf
