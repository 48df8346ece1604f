"""Growing LightGBM models part by part: each learns from its rows and is stopped on those it has not seen."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from analytics.models.trees import Array, Boosters, Group  # isort: skip
import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from analytics.models.learner import Effort, Part, Problem, parts
from analytics.models.objectives import loss_per_row
from analytics.models.target_encoding import (
    TargetEncoding,
    encoded_positions,
    learn_encoding,
    unencoded_categories,
)

Parameters = dict[str, Any]

MOST_ROUNDS = 3000
PATIENCE = 50  # rounds without improvement before a model stops


@dataclass(frozen=True)
class PartData:
    """The binned rows of one part, and how its columns of many categories are encoded."""

    part: Part
    learn: lgb.Dataset
    check: lgb.Dataset
    encoding: TargetEncoding | None = None


@dataclass(frozen=True)
class Grown:
    """A model with all the trees it has grown, and the loss of its held-out rows after each round."""

    booster: lgb.Booster
    losses: Array


class Trainer:
    """The parts of `folds`, binned once for however many sets of parameters are tried on them.

    One part uses all threads; several are fitted side by side with one thread each, which keeps every core
    busy without waiting.
    """

    def __init__(self, problem: Problem, folds: NDArray[np.int64], effort: Effort) -> None:
        self.problem = problem
        self.effort = effort
        self.data = _part_data(problem, folds)

    def grown(
        self, chosen: Parameters, seconds: float | None, data: Sequence[PartData] | None = None
    ) -> list[Grown]:
        """One model per part (by default all), grown with these parameters in about so many seconds."""
        data = self.data if data is None else data
        workers = max(1, min(self.effort.threads, len(data)))
        each = None if seconds is None else seconds / max(1, -(-len(data) // workers))
        with ThreadPoolExecutor(workers) as pool:
            threads = self.effort.threads // workers
            return list(pool.map(lambda one: self._grown(one, chosen, each, threads), data))

    def boosters(self, models: Sequence[Grown], data: Sequence[PartData] | None = None) -> list[lgb.Booster]:
        """The models cut where they are best on held-out rows.

        Where there are several folds these are the rows of the other ones: so no row has a part in the number
        of trees that it is judged by.
        """
        parts = [one.part for one in (self.data if data is None else data)]
        boosters = []
        for part, model in zip(parts, models, strict=True):
            others = [
                other.losses * len(each.check)
                for each, other in zip(parts, models, strict=True)
                if not np.isin(each.check, part.check).any()
            ]
            curve = _summed(others) if others else model.losses
            boosters.append(light(model.booster, min(int(curve.argmin()) + 1, len(model.losses))))
        return boosters

    def _grown(self, data: PartData, chosen: Parameters, seconds: float | None, threads: int) -> Grown:
        given = {
            **chosen,
            "device_type": self.effort.lightgbm_device,
            "num_threads": threads,
            "seed": chosen.get("seed", 0) + data.part.number,
        }
        monotone = list(self.problem.monotone)
        if any(monotone):
            further = data.encoding.owners(len(monotone))[len(monotone) :] if data.encoding else ()
            given["monotone_constraints"] = monotone + [0] * len(further)
        told: dict[str, dict[str, list[float]]] = {}
        callbacks: list[Any] = [
            lgb.early_stopping(PATIENCE, first_metric_only=True, verbose=False),
            lgb.record_evaluation(told),
        ]
        if seconds is not None:
            callbacks.append(stop_after(seconds))
        booster = lgb.train(given, data.learn, MOST_ROUNDS, valid_sets=[data.check], callbacks=callbacks)
        losses = next(iter(next(iter(told.values())).values()))
        return Grown(light(booster, -1), np.array(losses))

    def judged(self, groups: Sequence[Group]) -> Iterator[tuple[NDArray[np.int64], Array]]:
        """The rows each part holds out and their raw scores by the part's models."""
        for data, group in zip(self.data, groups, strict=True):
            yield data.part.check, self._margins(data, group)

    def losses(self, models: Sequence[lgb.Booster], data: Sequence[PartData] | None = None) -> Array:
        """The loss of every held-out row, part after part (by default all)."""
        data = self.data if data is None else data
        labels, kind = self.problem.labels, self.problem.kind
        found = [
            loss_per_row(kind, labels[one.part.check], self._margins(one, Group((booster,), one.encoding)))
            for one, booster in zip(data, models, strict=True)
        ]
        return np.concatenate(found)

    def _margins(self, data: PartData, group: Group) -> Array:
        scorer = Boosters((group,), self.effort.threads)
        return scorer.margins(self.problem.inputs.rows(data.part.check))


def _summed(curves: Sequence[Array]) -> Array:
    """The sum of curves as far as all of them go on; one that ended early goes on at its end."""
    longest = max(len(curve) for curve in curves)
    return np.asarray(sum(np.pad(curve, (0, longest - len(curve)), mode="edge") for curve in curves))


def light(booster: lgb.Booster, rounds: int | None = None) -> lgb.Booster:
    """The same trees up to a round (by default the best, -1: all), read back from text: without the data."""
    return lgb.Booster(model_str=booster.model_to_string(num_iteration=rounds or booster.best_iteration))


def stop_after(seconds: float) -> Callable[[Any], None]:
    """A callback that ends training once its time is spent; the trees grown so far are kept."""
    end = time.monotonic() + seconds

    def stop(env: Any) -> None:
        if time.monotonic() >= end:
            raise lgb.callback.EarlyStopException(env.iteration, env.evaluation_result_list)

    stop.order = 40  # type: ignore[attr-defined] # after early stopping has taken note of the round
    return stop


def _part_data(problem: Problem, folds: NDArray[np.int64]) -> list[PartData]:
    """The binned parts. Values are binned once for all, unless encodings give each part values of its own."""
    matrix, label, shares = problem.inputs.matrix, problem.labels, parts(folds)
    # Any number of rows in a leaf may be tried on the same bins.
    how: dict[str, Any] = {
        "params": {"feature_pre_filter": False, "verbosity": -1},
        "categorical_feature": unencoded_categories(problem.code_book),
    }
    if encoded_positions(problem.code_book):
        groups = folds.reshape(len(folds), -1)[:, 0]
        return [_encoded(problem, part, groups[part.learn], how) for part in shares]
    if len(shares) == 1:
        [part] = shares
        learn = lgb.Dataset(matrix[part.learn], label[part.learn], **how)
        return [
            PartData(
                part, learn, learn.create_valid(matrix[part.check], label[part.check], params=how["params"])
            )
        ]
    data = lgb.Dataset(matrix, label, **how)
    return [
        PartData(
            part,
            data.subset(part.learn.tolist()).construct(),
            data.subset(part.check.tolist()).construct(),
        )
        for part in shares
    ]


def _encoded(problem: Problem, part: Part, groups: NDArray[np.int64], how: dict[str, Any]) -> PartData:
    encoding, matrix = learn_encoding(problem, part.learn, groups)
    learn = lgb.Dataset(matrix, problem.labels[part.learn], **how)
    rows = encoding.encode(problem.inputs.matrix[part.check])
    return PartData(
        part, learn, learn.create_valid(rows, problem.labels[part.check], params=how["params"]), encoding
    )
