"""Curves of cohorts: how many had the event by when, and whether the groups differ beyond chance."""

from collections.abc import Callable, Mapping

import polars as pl

from analytics.survival import LogRank, kaplan_meier, log_rank
from dashboards.charts.chart import Axis, Chart
from dashboards.numbers import integer, number, percent
from dashboards.wording import Say, say, together

FEWEST = 10  # patients of a group; a curve of fewer says nothing, and would tell of single patients
_DAYS_OF_A_MONTH = 30.4375
_FEW_DAYS = 92
Named = Callable[[str], str]


def told_apart(followed: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    """The groups of `queries.medical_cohorts.followed` that are large enough, and the others' patients."""
    sizes = followed.group_by("name").agg(size=(pl.col("events") + pl.col("censored")).sum())
    small = {name: int(size) for name, size in sizes.filter(pl.col("size") < FEWEST).sort("name").rows()}
    return followed.filter(~pl.col("name").is_in(list(small))), small


def cohort_curves(followed: pl.DataFrame, named: Named, title: str, event: str, language: str) -> Chart:
    """The curves of groups of counts by day; `named` puts a group's name in words, `event` names the axis."""
    _ = say(language)
    by_months = _last_day(followed) > _FEW_DAYS
    groups = _groups(followed)
    curves = [
        kaplan_meier(counts)
        .with_columns(
            time=pl.col("time") / (_DAYS_OF_A_MONTH if by_months else 1),
            share=1 - pl.col("survival"),
            low=1 - pl.col("upper"),
            high=1 - pl.col("lower"),
            name=pl.lit(named(name) or _("all")),
        )
        .select("name", "time", "share", "low", "high", "at_risk")
        for name, counts in groups.items()
    ]
    return Chart(
        name="cohort",
        kind="survival",
        title=title,
        sentence=_in_words(groups, named, language),
        data=pl.concat(curves) if curves else pl.DataFrame(schema=_EMPTY),
        x=Axis("time", _("Months since the start") if by_months else _("Days since the start")),
        y=Axis("share", event, "percent"),
        group="name",
        lower="low",
        upper="high",
        at_risk="at_risk",
    )


def figures(followed: pl.DataFrame, named: Named, language: str) -> pl.DataFrame:
    """A row for each group: patients, events, the share after a year (or at the end), with its interval."""
    _ = say(language)
    last = min(365, _last_day(followed))
    within = _("Within {days} days (95% interval)").format(days=integer(last, language))
    rows = []
    for name, counts in _groups(followed).items():
        curve = kaplan_meier(counts)
        rows.append(
            {
                _("Group"): named(name) or _("all"),
                _("Patients"): integer(int(curve["at_risk"][0]), language),
                _("Events"): integer(int(curve["events"].sum()), language),
                within: _share(curve, last, _, language),
            }
        )
    return pl.DataFrame(rows)


def _share(curve: pl.DataFrame, last: float, _: Say, language: str) -> str:
    """The share with the event by the day `last`, with its interval."""
    row = curve.filter(pl.col("time") <= last).row(-1, named=True)
    share = percent(1 - row["survival"], language)
    if row["lower"] is None:
        return share
    low, high = (percent(1 - row[each], language) for each in ("upper", "lower"))
    return _("{value} ({low} to {high})").format(value=share, low=low, high=high)


def said_of_groups(followed: pl.DataFrame, language: str) -> str:
    """What the log-rank test says of the groups; "" where there are none to compare."""
    _ = say(language)
    groups = list(_groups(followed).values())
    if len(groups) < 2:
        return ""
    found = log_rank(groups)
    if found is None:
        return _("There are too few events to compare the groups.")
    verdict = (
        _("The groups differ by more than chance would explain.")
        if found.p < 0.05
        else _("The groups differ by no more than chance would explain.")
    )
    return together([verdict, _test(found, _, language)], language)


def _test(found: LogRank, _: Say, language: str) -> str:
    p = _("below 0.001") if found.p < 0.001 else number(found.p, language, 3)
    return _("Log-rank test: chi-squared {statistic} with {degrees} degrees of freedom, p {p}.").format(
        statistic=number(found.statistic, language, 1), degrees=found.degrees, p=p
    )


def _in_words(groups: Mapping[str, pl.DataFrame], named: Named, language: str) -> str:
    _ = say(language)
    if not groups:
        return ""
    ends = {name: 1 - float(kaplan_meier(counts)["survival"][-1]) for name, counts in groups.items()}
    highest = max(ends, key=lambda name: ends[name])
    share = percent(ends[highest], language)
    if len(ends) == 1:
        return _("{share} by the end.").format(share=share)
    return _("Highest at the end: «{group}» with {share}.").format(group=named(highest), share=share)


def _last_day(followed: pl.DataFrame) -> int:
    return max(followed["time"].to_list(), default=0)


def _groups(followed: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {str(key[0]): part for key, part in followed.partition_by("name", as_dict=True).items()}


_EMPTY = {
    "name": pl.String,
    "time": pl.Float64,
    "share": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "at_risk": pl.Int64,
}
