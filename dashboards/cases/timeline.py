"""What happened to a case over time, counted by kind: thousands of events in one picture."""

import polars as pl

from dashboards.charts.chart import Axis, Chart
from dashboards.numbers import day, integer
from dashboards.wording import say

MOST_KINDS = 6  # as many colours as there are; of more the rarest are one
# From how many days on events are counted by the week, the month, the quarter, the year.
_PERIODS = ((45, "1d"), (300, "1w"), (1_500, "1mo"), (5_500, "3mo"))


def timeline(events: pl.DataFrame, language: str) -> Chart:
    """Events `at`, `kind` (in words), `events` (how many), the kinds that are rarest as one."""
    _ = say(language)
    known = events.drop_nulls("at")
    often = (
        known.group_by("kind").agg(pl.col("events").sum()).sort("events", "kind", descending=[True, False])
    )
    kept = often["kind"].head(MOST_KINDS if often.height <= MOST_KINDS else MOST_KINDS - 1).to_list()
    rest = _("everything else")
    kind = pl.when(pl.col("kind").is_in(kept)).then("kind").otherwise(pl.lit(rest)).alias("kind")
    every = _period(known)
    counts = known.select(pl.col("at").dt.truncate(every).alias("period"), kind, "events")
    counts = counts.group_by("period", "kind").agg(pl.col("events").sum())
    data = _without_gaps(counts, every, [*kept, rest])
    sentence = ""
    if data.height:
        sentence = _("{events} events from {first} to {last}; most often: {kind}.").format(
            events=integer(float(known["events"].sum()), language),
            first=day(known["at"].min(), language),  # type: ignore[arg-type]
            last=day(known["at"].max(), language),  # type: ignore[arg-type]
            kind=kept[0],
        )
    return Chart(
        name="events",
        kind="stacked",
        title=_("Events over time"),
        sentence=sentence,
        data=data,
        x=Axis("period", _("Time"), "date"),
        y=Axis("events", _("Events"), "integer"),
        group="kind",
        tones={rest: "muted"},
    )


def _period(events: pl.DataFrame) -> str:
    days = events.select((pl.col("at").max() - pl.col("at").min()).dt.total_days()).item() or 0
    return next((period for limit, period in _PERIODS if days <= limit), "1y")


def _without_gaps(counts: pl.DataFrame, every: str, kinds: list[str]) -> pl.DataFrame:
    """A row for each period and kind, with 0 where nothing happened: an axis of time has no gaps."""
    if counts.is_empty():
        return counts
    period = pl.col("period")
    periods = counts.select(pl.datetime_range(period.min(), period.max(), every, time_unit="us"))
    there = set(counts["kind"])
    named = pl.DataFrame({"kind": [kind for kind in kinds if kind in there]})
    grid = periods.join(named, how="cross")
    whole = grid.join(counts, on=["period", "kind"], how="left", maintain_order="left")
    return whole.with_columns(pl.col("events").fill_null(0))
