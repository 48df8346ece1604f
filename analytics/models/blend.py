"""A weighted sum of the raw scores of other models: what one sees and another overlooks, together.

The weights are not negative and have least loss on scores of cases no member has learned from (stacking:
Wolpert 1992; Breiman 1996, who found that weights must not be negative). A trace of ridge pulls them to equal
shares, so few cases do not decide by chance; members of next to no weight are left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.models.learner import Contributions, Effort, Fitted, Inputs, Problem, Scorer
from analytics.models.objectives import gradient, loss_per_row, minimised
from analytics.task import Kind

Array = NDArray[np.float64]

NAME = "blend"
LEAST_WEIGHT = 0.05  # share of all weights below which a member is left out
RIDGE = 2.0  # as strong as so many cases
ROUNDS = 100


@dataclass(frozen=True)
class Weights:
    """One weight per member, in the order of the members, and what is added to the sum."""

    members: tuple[float, ...]
    shift: float = 0.0

    def margins(self, members: list[Array]) -> Array:
        """The blended raw scores of those of the members, in their shape."""
        return np.asarray(
            sum(weight * each for weight, each in zip(self.members, members, strict=True)) + self.shift
        )


def learn_weights(kind: Kind, members: list[Array], labels: Array) -> Weights:
    """Weights of least loss on held-out raw scores, each (rows,) or (rows, classes)."""
    found = _solved(kind, members, labels)
    kept = [weight >= LEAST_WEIGHT * sum(found.members) for weight in found.members]
    if all(kept) or not any(kept):
        return found
    again = _solved(kind, [each for each, keep in zip(members, kept, strict=True) if keep], labels)
    left = iter(again.members)
    return Weights(tuple(next(left) if keep else 0.0 for keep in kept), again.shift)


def _solved(kind: Kind, members: list[Array], labels: Array) -> Weights:
    # Values are measured in their spread, so that the ridge weighs the same for every unit.
    middle, unit = (float(labels.mean()), float(labels.std()) or 1.0) if kind == "regression" else (0.0, 1.0)
    stacked = np.stack([(each - middle) / unit for each in members], axis=-1)
    targets = (labels - middle) / unit
    equal = 1.0 / len(members)
    shifted = kind != "multiclass"  # the same for every class would change nothing

    def valued(given: Array) -> tuple[float, Array]:
        weights, shift = given[:-1], given[-1]
        margins = stacked @ weights + shift
        slopes = gradient(kind, targets, margins)
        by_weight = np.tensordot(slopes, stacked, axes=slopes.ndim) + RIDGE * (weights - equal)
        by_shift = slopes.sum() if shifted else 0.0
        loss = float(loss_per_row(kind, targets, margins).sum())
        loss += 0.5 * RIDGE * float(((weights - equal) ** 2).sum())
        return loss / len(labels), np.append(by_weight, by_shift) / len(labels)

    start = np.append(np.full(len(members), equal), 0.0)
    bounds = [(0.0, None)] * len(members) + [(None, None)]
    found = minimised(valued, start, ROUNDS, bounds)
    weights = found[:-1]
    shift = found[-1] * unit + middle * (1.0 - float(weights.sum()))
    return Weights(tuple(weights.tolist()), float(shift) if shifted else 0.0)


@dataclass(frozen=True)
class Blend:
    """The members, each of another family, and their weights."""

    members: tuple[Scorer, ...]
    weights: Weights

    @property
    def family(self) -> str:
        return NAME

    @property
    def reads_events(self) -> bool:
        return any(member.reads_events for member in self.members)

    def margins(self, inputs: Inputs) -> Array:
        """Raw scores, shape (rows,), for several classes (rows, classes)."""
        return self.weights.margins([member.margins(inputs) for member in self.members])

    def contributions(self, inputs: Inputs) -> Contributions:
        """The weighted sum of the members' contributions."""
        found = [member.contributions(inputs) for member in self.members]
        weighted = list(zip(self.weights.members, found, strict=True))
        events = [weight * each.events for weight, each in weighted if each.events is not None]
        return Contributions(
            np.asarray(sum(weight * each.columns for weight, each in weighted)),
            np.asarray(sum(weight * each.base for weight, each in weighted) + self.weights.shift),
            np.asarray(sum(events)) if events else None,
        )

    def save(self, folder: Path) -> dict[str, Any]:
        """Each member writes its own files, which are named after its family."""
        return {
            "family": NAME,
            "members": [member.save(folder) for member in self.members],
            "weights": list(self.weights.members),
            "shift": self.weights.shift,
        }


def load(folder: Path, content: Mapping[str, Any], threads: int) -> Blend:
    """The model that `Blend.save` wrote."""
    from analytics.models import families

    members = tuple(families.load(folder, member, threads) for member in content["members"])
    return Blend(members, Weights(tuple(content["weights"]), content["shift"]))


def blended(members: Mapping[str, Fitted], weights: Weights) -> Fitted:
    """The blend of fitted members, which hold out the same rows; those without weight are left out."""
    used = [
        (fitted, weight)
        for fitted, weight in zip(members.values(), weights.members, strict=True)
        if weight > 0
    ]
    kept = Weights(tuple(weight for _, weight in used), weights.shift)
    first = used[0][0]
    return Fitted(
        Blend(tuple(fitted.scorer for fitted, _ in used), kept),
        first.held_out,
        kept.margins([fitted.margins for fitted, _ in used]),
    )


def update(scorer: Blend, problem: Problem, folds: NDArray[np.int64], effort: Effort) -> Fitted:
    """Continues every member on the rows of `problem`; the weights stay."""
    from analytics.models import families

    share = None if effort.seconds is None else effort.seconds / len(scorer.members)
    members = {
        member.family: families.module(member.family).update(
            member, problem, folds, replace(effort, seconds=share)
        )
        for member in scorer.members
    }
    return blended(members, scorer.weights)
