"""A portfolio under stress: the same model on other values, beside what it says of the values as they are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import sqrt

import polars as pl

from analytics.cases import Cases
from analytics.decisions.shocks import Stressed, levers_of, stressed
from analytics.rescoring import rescored
from analytics.task import Exposure, Shock, Task
from pipelines.settings import Settings

FEWEST_OF_A_GROUP = 20


@dataclass(frozen=True)
class Estimate:
    """A figure of all cases; from a sample it has a standard error, from all of them none."""

    value: float
    error: float = 0.0


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the model says before and after the shocks.

    `cases` has a row per case looked at: `entity_id, before, after, band_before, band_after`, where something
    is at stake `loss_before, loss_after`, and its categories. They are `population` cases or a random sample.
    """

    cases: pl.DataFrame
    population: int
    moved: tuple[str, ...]
    followed: tuple[str, ...]
    categories: tuple[str, ...]

    @property
    def is_sample(self) -> bool:
        return self.cases.height < self.population

    @cached_property
    def mean_before(self) -> Estimate:
        return self._mean(self.cases["before"])

    @cached_property
    def mean_after(self) -> Estimate:
        return self._mean(self.cases["after"])

    def expected_loss(self, when: str) -> Estimate | None:
        """The expected loss `before` or `after`, of all cases; None where nothing is at stake."""
        return self._total(self.cases[f"loss_{when}"]) if f"loss_{when}" in self.cases.columns else None

    @property
    def unpriced(self) -> int:
        """The cases whose stake is not known; losses are those of the others."""
        return self.cases["loss_before"].null_count() if "loss_before" in self.cases.columns else 0

    @cached_property
    def band_moves(self) -> pl.DataFrame:
        """`band_before, band_after, cases`: how many went from where to where."""
        return self.cases.group_by("band_before", "band_after").agg(cases=pl.len())

    def groups(self, category: str) -> pl.DataFrame:
        """`group, cases, before, after, change`: the mean scores by a category, the largest change first."""
        return (
            self.cases.drop_nulls(category)
            .group_by(pl.col(category).cast(pl.String).alias("group"))
            .agg(cases=pl.len(), before=pl.col("before").mean(), after=pl.col("after").mean())
            .filter(pl.col("cases") >= FEWEST_OF_A_GROUP)
            .with_columns(change=pl.col("after") - pl.col("before"))
            .sort("change", "group", descending=[True, False])
        )

    def _mean(self, values: pl.Series) -> Estimate:
        """The mean and its error, with the correction for a finite population (Cochran 1977, 2.6)."""
        count = len(values)
        if not count:
            return Estimate(0.0)
        mean, spread = float(values.mean() or 0.0), float(values.std() or 0.0)  # type: ignore[arg-type]
        left_out = max(0.0, 1 - count / self.population) if self.population else 0.0
        return Estimate(mean, spread / sqrt(count) * sqrt(left_out))

    def _total(self, values: pl.Series) -> Estimate:
        mean = self._mean(values.fill_null(0.0))
        return Estimate(mean.value * self.population, mean.error * self.population)


def outcome(
    settings: Settings, task: Task, cases: Cases, shocks: Sequence[Shock], population: int = 0
) -> Outcome:
    """What the model in service says of `cases` before and after `shocks`.

    `population` is how many there are where `cases` are a random sample of them. Both are scored now, so that
    nothing but the shocks lies between them. Raises UsageError for an unknown lever, AssistantError without a
    model.
    """
    under = stressed(cases.features, task.stress, shocks, levers_of(task, cases.features.schema))
    before = rescored(settings, task, cases, {})
    after = rescored(settings, task, replace(cases, features=under.features), {})
    categories = _categories(task, cases.features)
    frame = before.select("entity_id", pl.col("score").alias("before"), pl.col("band").alias("band_before"))
    frame = frame.with_columns(
        after["score"].alias("after"),
        after["band"].alias("band_after"),
        *(cases.features[name] for name in categories),
    )
    if task.exposure and task.exposure.feature in cases.features.columns:
        frame = frame.with_columns(*_losses(task.exposure, cases.features, under, frame))
    return Outcome(frame, population or frame.height, under.moved, under.followed, categories)


def _losses(
    exposure: Exposure, features: pl.DataFrame, under: Stressed, scored: pl.DataFrame
) -> list[pl.Series]:
    stakes = (frame[exposure.feature].cast(pl.Float64) for frame in (features, under.features))
    return [
        (scored[when] * exposure.share * stake).alias(f"loss_{when}")
        for when, stake in zip(("before", "after"), stakes, strict=True)
    ]


def _categories(task: Task, features: pl.DataFrame) -> tuple[str, ...]:
    """The features of text that may be told: those that are protected are not."""
    protected = {name for name, info in task.feature_info.items() if info.protected}
    return tuple(
        name
        for name, dtype in features.schema.items()
        if dtype in (pl.String, pl.Categorical) and name not in protected
    )
