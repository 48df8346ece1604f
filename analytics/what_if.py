"""What may be tried on a case, and what drives the difference: «what would the model say if».

Nothing here says what follows from changing something: features are moved, not the world.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import factorial, floor, log10
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.cases import Cases
from analytics.matrix import kind_of
from analytics.model import Model, Predictions
from analytics.task import Feature, Task

Array = NDArray[np.float64]

MOST_OTHERS = 6  # features that nobody can act on, but the model goes by most
MOST_CHOICES = 200
EXACT = 7  # changes at once whose shares are exact; of more they are estimated
ORDERS = 40  # of changes that are tried for an estimate
_STEPS = 100  # of a slider, about


@dataclass(frozen=True)
class Lever:
    """A feature that may be moved: its value now, and what it may become.

    Numbers and dates lie between `low` and `high`, numbers `step` apart; categories and yes or no have
    `choices`.
    """

    feature: str
    kind: Literal["number", "boolean", "category", "date"]
    now: Any
    low: Any = None
    high: Any = None
    step: float = 1.0
    choices: tuple[Any, ...] = ()
    actionable: bool = False


def levers(
    task: Task, model: Model, case: Cases, pool: Cases, importance: Sequence[Mapping[str, Any]]
) -> list[Lever]:
    """What may be tried on `case` (one row): what a person can act on, then what the model goes by most.

    Values are those seen among the cases of `pool`, between their quantiles of 1 and 99 %, and the present
    one; a direction that the task forbids is not among them.
    """
    ranked = [str(each["feature"]) for each in importance if not each.get("event")]
    used = [
        name for name in dict.fromkeys((*ranked, *model.code_book.names)) if name in case.features.columns
    ]
    used = [name for name in used if name in model.code_book.names]
    info = {name: task.feature_info.get(name) or Feature({"en": name, "zh": name}) for name in used}
    found = {name: _lever(name, info[name], pool.features[name], case.features[name]) for name in used}
    there = [lever for lever in found.values() if lever]
    others = [lever for lever in there if not lever.actionable]
    return [*(lever for lever in there if lever.actionable), *others[:MOST_OTHERS]]


def shares(model: Model, case: Cases, changes: Mapping[str, Any]) -> tuple[Predictions, dict[str, float]]:
    """Predictions of `case` (one row) without and with all the changes, and what each adds to the score.

    The two scores of the predictions stand in this order; of several classes the shares are of the
    probability of the class that is likeliest now. They are Shapley values (1953) of the changes with the
    present values as the base (Sundararajan and Najmi 2020), and sum to the difference of the two scores.
    """
    names = list(changes)
    masks = _all(len(names)) if len(names) <= EXACT else _along(_orders(len(names)))
    tried = np.concatenate([np.zeros((1, len(names)), bool), np.ones((1, len(names)), bool), masks])
    found = model.predict(_with(case, changes, tried))
    scores = found.score
    if found.probabilities is not None:
        scores = found.probabilities[:, int(found.probabilities[0].argmax())]
    if len(names) <= EXACT:
        values = _exact(scores[2:], len(names))
    else:
        values = _estimated(scores[2:], _orders(len(names)))
    return _two(found), dict(zip(names, values.tolist(), strict=True))


def _lever(name: str, info: Feature, values: pl.Series, present: pl.Series) -> Lever | None:
    """What one feature may become; None where there is nothing to choose from."""
    kind = kind_of(values.dtype)
    now = present[0]
    if kind == "number" and values.dtype.is_numeric():
        return _of_numbers(name, info, values, now)
    given = values.drop_nulls()
    if kind == "date" and len(given):
        days = given.cast(pl.Date)
        now = None if now is None else present.cast(pl.Date)[0]
        ends = [each for each in (days.min(), days.max(), now) if each is not None]
        return Lever(name, "date", now, min(ends), max(ends), actionable=info.actionable)
    if kind == "boolean":
        choices = tuple(
            each for each in (False, True) if not info.change or now is None or each in (now, info.change > 0)
        )
    elif kind == "category":
        counts = given.cast(pl.String).value_counts(sort=True, name="cases")
        frequent = counts.head(MOST_CHOICES)[given.name].to_list()
        seen = {str(each) for each in frequent if each} | ({str(now)} if now else set())
        choices = tuple(sorted(seen))
    else:
        return None
    if len(choices) < 2:
        return None
    return Lever(name, kind, now, choices=choices, actionable=info.actionable)


def _of_numbers(name: str, info: Feature, values: pl.Series, now: Any) -> Lever | None:
    numbers = values.cast(pl.Float64).drop_nulls().to_numpy()
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return None
    present = None if now is None or not np.isfinite(float(now)) else float(now)
    low, high = (float(each) for each in np.quantile(numbers, [0.01, 0.99], method="nearest"))
    if present is not None:
        low, high = min(low, present), max(high, present)
        low, high = (present, high) if info.change > 0 else (low, present) if info.change < 0 else (low, high)
    if low >= high:
        return None
    whole = bool((numbers == numbers.round()).all()) and (present is None or present.is_integer())
    step = _step((high - low) / _STEPS, whole=whole)
    return Lever(name, "number", present, low, high, step, actionable=info.actionable)


def _step(wanted: float, *, whole: bool) -> float:
    """The next of 1, 2 and 5 times a power of ten below what is wanted; whole numbers go by whole steps."""
    power = 10.0 ** floor(log10(wanted))
    step = max(each for each in (power, 2 * power, 5 * power) if each <= wanted * (1 + 1e-9))
    return max(1.0, float(round(step))) if whole else float(step)


def _with(case: Cases, changes: Mapping[str, Any], tried: NDArray[np.bool_]) -> Cases:
    """The case once for each row of `tried`, with the changes that are true in it."""
    many = case.rows(np.zeros(len(tried), np.int64))
    columns = []
    for name, moved in zip(changes, tried.T, strict=True):
        column = many.features[name]
        dtype = pl.Float64() if column.dtype.is_numeric() else column.dtype
        other = pl.Series(name, [changes[name]] * len(tried), dtype=dtype, strict=False)
        columns.append(other.zip_with(pl.Series(moved), column.cast(dtype)))
    return Cases(many.keys, many.features.with_columns(columns), events=many.events)


def _all(count: int) -> NDArray[np.bool_]:
    """Every set of changes; the number of a row has a bit for each change."""
    return np.arange(2**count)[:, None] >> np.arange(count) & 1 == 1


def _exact(scores: Array, count: int) -> Array:
    """The Shapley value of each change from the score of every set of them."""
    sizes = _all(count).sum(axis=1)
    weights = [factorial(size) * factorial(count - size - 1) / factorial(count) for size in range(count)]
    values = np.zeros(count)
    for change in range(count):
        without = np.flatnonzero(~_all(count)[:, change])
        gained = scores[without | 1 << change] - scores[without]
        values[change] = (np.array(weights)[sizes[without]] * gained).sum()
    return values


def _orders(count: int) -> NDArray[np.int64]:
    """Orders in which changes are made one after the other, each with its reverse (antithetic)."""
    random = np.random.default_rng(0)
    some = np.stack([random.permutation(count) for _ in range(ORDERS // 2)])
    return np.concatenate([some, some[:, ::-1]])


def _along(orders: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The sets that are passed on the way of each order, from none to all."""
    count = orders.shape[1]
    rank = np.argsort(orders, axis=1)
    return (rank[:, None, :] < np.arange(count + 1)[:, None]).reshape(-1, count)


def _estimated(scores: Array, orders: NDArray[np.int64]) -> Array:
    gained = np.diff(scores.reshape(len(orders), -1), axis=1)
    values = np.zeros(orders.shape)
    np.put_along_axis(values, orders, gained, axis=1)
    return np.asarray(values.mean(axis=0))


def _two(found: Predictions) -> Predictions:
    """The first two of the predictions."""
    return Predictions(
        found.score[:2],
        found.lower[:2],
        found.upper[:2],
        found.band[:2],
        None if found.probabilities is None else found.probabilities[:2],
        None if found.label_sets is None else found.label_sets[:2],
    )
