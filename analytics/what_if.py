"""What may be tried on a case, and what drives the difference: «what would the model say if».

Nothing here says what follows from changing something: features are moved, not the world.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import factorial, floor, log10
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.cases import Cases
from analytics.decisions.shocks import with_values
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
class Control:
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


def controls(
    task: Task, model: Model, case: Cases, pool: Cases, importance: Sequence[Mapping[str, Any]]
) -> list[Control]:
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
    found = {name: _control(name, info[name], pool.features[name], case.features[name]) for name in used}
    there = [control for control in found.values() if control]
    others = [control for control in there if not control.actionable]
    return [*(control for control in there if control.actionable), *others[:MOST_OTHERS]]


@dataclass(frozen=True, eq=False)
class Tried:
    """What the model says of a case as it is (first) and with all changes (second).

    `shares` is what each change adds to the score; they sum to the difference of the two scores. `followed`
    are features that moved because the task derives them from others, with their values now and then.
    """

    predictions: Predictions
    scores: tuple[float, float]
    shares: dict[str, float]
    followed: dict[str, tuple[float, float]]


def tried(task: Task, model: Model, case: Cases, changes: Mapping[str, Any]) -> Tried:
    """`case` (one row) with other values of some features; what the task derives from these moves along.

    Of several classes scores and shares are those of the class that is likeliest now. Shares are the Shapley
    values (1953) of the changes with the present values as the base (Sundararajan and Najmi 2020); of more
    than EXACT changes they are estimated, from orders and their reverses, and sum to the difference as well.
    """
    count = len(changes)
    orders = _orders(count)
    masks = _all(count) if count <= EXACT else _along(orders)
    ends = np.array([[False] * count, [True] * count])
    many, followed = _with(task, case, changes, np.concatenate([ends, masks]))
    found = model.predict(many)
    scores = found.score
    if found.probabilities is not None:
        scores = found.probabilities[:, int(found.probabilities[0].argmax())]
    values = _exact(scores[2:], count) if count <= EXACT else _estimated(scores[2:], orders)
    return Tried(
        _two(found),
        (float(scores[0]), float(scores[1])),
        dict(zip(changes, values.tolist(), strict=True)),
        {name: (case.features[name].cast(pl.Float64)[0], many.features[name][1]) for name in followed},
    )


def _control(name: str, info: Feature, values: pl.Series, present: pl.Series) -> Control | None:
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
        return Control(name, "date", now, min(ends), max(ends), actionable=info.actionable)
    choices: tuple[Any, ...]
    if kind == "boolean":
        choices = tuple(
            each for each in (False, True) if not info.change or now is None or each in (now, info.change > 0)
        )
    elif kind == "category":
        counts = given.cast(pl.String).alias("value").value_counts(sort=True, name="cases")
        seen = {str(each) for each in counts["value"].head(MOST_CHOICES) if each}
        seen |= {str(now)} if now else set()
        choices = tuple(sorted(seen))
    else:
        return None
    if len(choices) < 2:
        return None
    return Control(name, kind, now, choices=choices, actionable=info.actionable)


def _of_numbers(name: str, info: Feature, values: pl.Series, now: Any) -> Control | None:
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
    return Control(name, "number", present, low, high, step, actionable=info.actionable)


def _step(wanted: float, *, whole: bool) -> float:
    """The next of 1, 2 and 5 times a power of ten below what is wanted; whole numbers go by whole steps."""
    power = 10.0 ** floor(log10(wanted))
    step = max(each for each in (power, 2 * power, 5 * power) if each <= wanted * (1 + 1e-9))
    return max(1.0, float(round(step))) if whole else float(step)


def _with(
    task: Task, case: Cases, changes: Mapping[str, Any], masks: NDArray[np.bool_]
) -> tuple[Cases, tuple[str, ...]]:
    """The case once for each row of `masks`, with the changes that are true in it and what follows."""
    many = case.rows(np.zeros(len(masks), np.int64))
    schema = many.features.schema
    values = {name: _repeated(name, change, schema[name], len(masks)) for name, change in changes.items()}
    chosen = {name: pl.Series(column) for name, column in zip(changes, masks.T, strict=True)}
    after, followed = with_values(many.features, values, chosen, task.stress)
    return replace(many, features=after), followed


def _repeated(name: str, value: Any, dtype: pl.DataType, rows: int) -> pl.Series:
    kind = pl.Float64() if dtype.is_numeric() else dtype
    return pl.Series(name, [value] * rows, dtype=kind, strict=False)


def _all(count: int) -> NDArray[np.bool_]:
    """Every set of changes; the number of a row has a bit for each change."""
    return np.asarray(np.arange(2**count)[:, None] >> np.arange(count) & 1 == 1)


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
    """Orders in which changes are made one after the other, each with its reverse (antithetic sampling)."""
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
