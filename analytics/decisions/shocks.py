"""Other values for every case at once: what a scenario moves, and what moves with it.

Features are changed, not records: what is computed from them elsewhere (a mean of past months) stays as it
is unless the task declares that it follows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from analytics.task import Derived, Lever, Shock, Stress, Task
from connectors.errors import UsageError, did_you_mean


@dataclass(frozen=True, eq=False)
class Stressed:
    """The features under stress; which were moved by a shock, and which followed."""

    features: pl.DataFrame
    moved: tuple[str, ...]
    followed: tuple[str, ...]


def levers_of(task: Task, features: Mapping[str, pl.DataType]) -> tuple[Lever, ...]:
    """What can be moved: the levers of the task, then every numeric feature that none of them holds."""
    declared = [
        Lever(lever.name, lever.label, found, lever.unit)
        for lever in task.stress.levers
        if (found := tuple(name for name in lever.features if name in features))
    ]
    held = {name for lever in declared for name in lever.features}
    single = []
    for name, dtype in features.items():
        if dtype.is_numeric() and name not in held:
            info = task.feature_info.get(name)
            label = info.label if info else {"en": name, "zh": name}
            single.append(Lever(name, label, (name,), info.unit if info else ""))
    return (*declared, *single)


def stressed(
    features: pl.DataFrame, stress: Stress, shocks: Sequence[Shock], levers: Iterable[Lever]
) -> Stressed:
    """The features after `shocks`, one after the other, with what follows from them.

    A derived feature follows the others first and is then moved by its own shock. What is nowhere below zero
    does not fall below it. Missing values stay missing. Raises UsageError for a lever that there is not.
    """
    known = {lever.name: lever for lever in levers}
    for shock in shocks:
        if shock.lever not in known:
            raise UsageError(f"There is no «{shock.lever}» to move.", did_you_mean(shock.lever, known))
    steps = [(name, shock) for shock in shocks for name in known[shock.lever].features]
    derived = {name: how for name, how in stress.derived.items() if name in features.columns}
    after = _moved(features, [step for step in steps if step[0] not in derived])
    after, followed = following(features, after, stress)
    after = _moved(after, [step for step in steps if step[0] in derived])
    moved = tuple(dict.fromkeys(name for name, _shock in steps))
    return Stressed(after, moved, tuple(name for name in followed if name not in moved))


def following(
    before: pl.DataFrame, after: pl.DataFrame, stress: Stress
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The features `after` others have moved, with what is derived from them; and which of these moved."""
    followed = []
    for name, how in stress.derived.items():
        if name in before.columns:
            column = _following(before, after, name, how)
            if _differ(column, before[name].cast(pl.Float64)):
                followed.append(name)
                after = after.with_columns(column)
    return after, tuple(followed)


def with_values(
    before: pl.DataFrame, values: Mapping[str, pl.Series], chosen: Mapping[str, pl.Series], stress: Stress
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """`before` with the `values` of some features in the rows where they are `chosen`, and what followed.

    A derived feature follows the others where it is not set itself.
    """

    def set_in(features: pl.DataFrame, name: str) -> pl.Series:
        dtype = pl.Float64() if features[name].dtype.is_numeric() else features[name].dtype
        return values[name].cast(dtype).zip_with(chosen[name], features[name].cast(dtype)).alias(name)

    after = before.with_columns(set_in(before, name) for name in values if name not in stress.derived)
    after, followed = following(before, after, stress)
    after = after.with_columns(set_in(after, name) for name in values if name in stress.derived)
    return after, tuple(name for name in followed if name not in values)


def _moved(features: pl.DataFrame, steps: Iterable[tuple[str, Shock]]) -> pl.DataFrame:
    for name, shock in steps:
        now = features[name].cast(pl.Float64)
        then = now * (1 + shock.amount) if shock.how == "share" else now + shock.amount
        features = features.with_columns(_bounded(then, now).alias(name))
    return features


def _bounded(after: pl.Series, before: pl.Series) -> pl.Series:
    least = before.drop_nulls().drop_nans().min()
    return after.clip(lower_bound=0.0) if isinstance(least, float) and least >= 0 else after


def _differ(after: pl.Series, before: pl.Series) -> bool:
    """Whether any value moved, beyond what rounding does."""
    return bool(((after - before).abs() > 1e-9 * before.abs()).any())


def _following(before: pl.DataFrame, after: pl.DataFrame, name: str, how: Derived) -> pl.Series:
    """The feature after the others have moved; as it was where its formula says nothing."""
    now = before[name].cast(pl.Float64)
    try:
        was, becomes = (frame.select(pl.sql_expr(how.formula)).to_series() for frame in (before, after))
    except pl.exceptions.ColumnNotFoundError:  # made without this feature: a model of an older release
        return now
    if how.how == "difference":
        then, known = now + (becomes - was), (becomes - was).is_finite()
    else:
        then, known = now * (becomes / was), (becomes / was).is_finite()
    return _bounded(pl.select(pl.when(known).then(then).otherwise(now)).to_series(), now).alias(name)
