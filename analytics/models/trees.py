"""Fitted LightGBM models as one scorer: they read the coded matrix and give their mean raw score."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Threads that spin while they wait make a fit a hundred times slower as soon as a neighbour is busy on the
# same cores; libgomp reads this once, when LightGBM loads it.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from analytics.matrix import Matrix
from analytics.models import series, tree_reasons
from analytics.models.learner import Contributions, Inputs
from analytics.models.series import Series, extended, returned
from analytics.models.target_encoding import TargetEncoding

Array = NDArray[np.float64]

NAME = "boosting"
_ENCODINGS = f"{NAME}_encodings.json"
FEW_ROWS = 1_000  # starting threads for so few takes longer than the rows


@dataclass(frozen=True)
class Group:
    """Models that learned from the same rows, and how these encode columns of many categories, if any."""

    boosters: tuple[lgb.Booster, ...]
    encoding: TargetEncoding | None = None

    def read(self, matrix: Matrix) -> Matrix:
        """The coded matrix as these models read it."""
        return self.encoding.encode(matrix) if self.encoding else matrix


@dataclass(frozen=True)
class Boosters:
    """LightGBM models whose mean raw score is the score; every group has as many.

    They read the coded matrix with the values of `series` as further columns. A raw score is log-odds
    (binary), one log-odds per class (multiclass) or the value itself (regression).
    """

    groups: tuple[Group, ...]
    threads: int = 1
    series: tuple[Series, ...] = ()

    @property
    def boosters(self) -> tuple[lgb.Booster, ...]:
        return tuple(booster for group in self.groups for booster in group.boosters)

    @property
    def rounds(self) -> list[int]:
        return [booster.current_iteration() for booster in self.boosters]

    @property
    def family(self) -> str:
        return NAME

    @property
    def reads_events(self) -> bool:
        return False

    def margins(self, inputs: Inputs) -> Array:
        """Raw scores, shape (rows,), for several classes (rows, classes)."""
        threads, total = self._threads(len(inputs)), np.zeros(1)
        given = extended(inputs.matrix, self.series)
        for group in self.groups:
            matrix = group.read(given)
            for booster in group.boosters:
                total = total + np.asarray(booster.predict(matrix, raw_score=True, num_threads=threads))
        return total / len(self.boosters)

    def contributions(self, inputs: Inputs) -> Contributions:
        """Exact tree contributions (Lundberg et al. 2020); what was made of a column goes to it."""
        given = extended(inputs.matrix, self.series)
        rows, width = given.shape
        boosters, threads = self.boosters, self._threads(rows)
        classes = boosters[0].num_model_per_iteration()
        columns, base = np.zeros((rows, classes, width)), np.zeros((rows, classes))
        for group in self.groups:
            matrix = group.read(given)
            further = group.encoding.owners(width)[width:] if group.encoding else np.empty(0, np.int64)
            for booster in group.boosters:
                exact = tree_reasons.contributions(booster, matrix, threads).reshape(rows, classes, -1)
                base += exact[..., -1] / len(boosters)
                columns += exact[..., :width] / len(boosters)
                np.add.at(columns.T, further, exact[..., width:-1].T / len(boosters))
        columns = returned(columns, self.series, inputs.matrix.shape[1])
        return Contributions(columns, base) if classes > 1 else Contributions(columns[:, 0], base[:, 0])

    def save(self, folder: Path) -> dict[str, Any]:
        """Writes each model as LightGBM text, which cannot carry code, and the encodings as JSON."""
        for number, booster in enumerate(self.boosters):
            path = folder / f"{NAME}_{number}.txt"
            path.write_text(booster.model_to_string(), encoding="utf-8")
        encodings = [group.encoding.as_json() for group in self.groups if group.encoding]
        if encodings:
            (folder / _ENCODINGS).write_text(json.dumps(encodings), encoding="utf-8")
        return {
            "family": NAME,
            "models": len(self.boosters),
            "groups": len(self.groups),
            "encoded": bool(encodings),
            "series": series.as_json(self.series),
            "rounds": self.rounds,
        }

    def _threads(self, rows: int) -> int:
        return self.threads if rows > FEW_ROWS else 1


def load(folder: Path, content: Mapping[str, Any], threads: int) -> Boosters:
    """The models that `Boosters.save` wrote; before there were groups each was one."""
    paths = [folder / f"{NAME}_{number}.txt" for number in range(content["models"])]
    boosters = tuple(lgb.Booster(model_str=path.read_text(encoding="utf-8")) for path in paths)
    groups = content.get("groups", len(boosters))
    size = len(boosters) // groups
    encodings: list[TargetEncoding | None] = [None] * groups
    if content.get("encoded"):
        given = json.loads((folder / _ENCODINGS).read_text(encoding="utf-8"))
        encodings = [TargetEncoding.from_json(each) for each in given]
    return Boosters(
        tuple(Group(boosters[k * size :][:size], encodings[k]) for k in range(groups)),
        threads,
        series.from_json(content.get("series", [])),
    )
