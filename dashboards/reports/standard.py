"""What every report on predictions shows alike, whatever its domain."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from analytics.task import Task
from dashboards import figures
from dashboards.domain_words import general_purpose, notice_of, purpose_of
from dashboards.queries import predictions
from dashboards.queries.reading import Read
from dashboards.reasons import in_words
from dashboards.reports.changes import changed
from dashboards.reports.desk import Scored
from dashboards.reports.report import Column, Headlines, Paragraph, Section, Table

# A trend of one or two points says nothing.
LEAST_MONTHS = 3
_LEAST_CASES = 10  # of a segment

Figures = Mapping[str, Any]
Headline = Callable[[Read, Task, datetime], pl.DataFrame]


def measured(desk: Scored) -> tuple[Figures, Figures | None]:
    """`cases, urgent, expected, mean_score, expected_loss`, now and in the issue before (None: no such)."""
    return desk.once(_measured)


def _measured(desk: Scored) -> tuple[Figures, Figures | None]:
    return at_both_moments(desk, predictions.headline)


def at_both_moments(desk: Scored, headline: Headline) -> tuple[Figures, Figures | None]:
    """The one row that `headline` finds, now and in the issue before."""
    now = headline(desk.read, desk.task, desk.as_of).row(0, named=True)
    if desk.earlier is None:
        return now, None
    return now, headline(desk.earlier.read, desk.task, desk.earlier.as_of).row(0, named=True)


FIGURES = ("rows", "urgent", "mean_score", "expected_loss", "changed")


def values(desk: Scored, found: Figures) -> dict[str, float]:
    """The figures by name, for conditions on an issue; those that are not known are left out."""
    named = {
        "rows": found["cases"],
        "urgent": found["urgent"],
        "mean_score": found["mean_score"],
        "expected_loss": found["expected_loss"],
        "changed": changed(desk) if desk.earlier else None,  # all of a first issue is new
    }
    return {name: float(value) for name, value in named.items() if value is not None}


def common_headlines(desk: Scored, now: Figures, before: Figures | None, cases: str) -> Headlines:
    """How many were scored, how many of them are urgent, and the mean score; `cases` says of what."""
    _ = desk.say
    earlier: Figures = before or {}
    return Headlines(
        (
            desk.headline(cases, now["cases"], earlier.get("cases")),
            desk.headline(_("In the upper bands"), now["urgent"], earlier.get("urgent")),
            desk.headline(_("Mean score"), now["mean_score"], earlier.get("mean_score"), "percent"),
        ),
        desk.since,
    )


def notice(desk: Scored) -> Iterator[Section]:
    """What must stand on everything shown of the domain's scores, where it says so."""
    _ = desk.say
    if warning := notice_of(desk.task.domain, _):
        yield Paragraph(_("Please note"), warning, "notice")


def purpose(desk: Scored) -> Iterator[Section]:
    """What the scores are for and what they are not: in the task's own words, else in those for any task."""
    _ = desk.say
    yield Paragraph(_("What these numbers are for"), purpose_of(desk.task.name, _) or general_purpose(_))


def bands(desk: Scored) -> Iterator[Section]:
    """How many cases stand in which band."""
    found = predictions.by_band(desk.read, desk.task, desk.as_of)
    if found["cases"].sum():
        yield figures.cases_by_band(desk.task, found, desk.language)


def scores(desk: Scored) -> Iterator[Section]:
    """How the scores are spread."""
    histogram = predictions.histogram(desk.read, desk.task, desk.as_of)
    yield figures.score_distribution(desk.task, histogram, desk.language)


def outcomes(desk: Scored, title: str) -> Iterator[Section]:
    """What really happened, by month; nothing where too few months are known."""
    found = predictions.outcomes(desk.read, desk.task)
    if found.height >= LEAST_MONTHS:
        yield figures.outcome_trend(desk.task, found, desk.language, title)


def reliability(desk: Scored) -> Iterator[Section]:
    """Whether what the model predicted came true on unseen cases; nothing where that is not known."""
    if not desk.reliability.is_empty():
        yield figures.reliability(desk.reliability, desk.language)


def segments(
    desk: Scored,
    cases: str,
    column: str,
    title: str,
    segment: str,
    words: Mapping[str, str] | None = None,
) -> Iterator[Section]:
    """The mean score by a column of `cases` (SQL), its codes in `words`; small segments are left out."""
    if desk.hides(column):
        return
    found = predictions.segments(desk.read, cases, desk.as_of, column, _LEAST_CASES)
    if found.height < 2:  # nothing to compare
        return
    told = found.with_columns(pl.col("segment").replace(dict(words or {})))
    yield figures.mean_score_by(told, desk.language, title, segment)


def reasons(desk: Scored) -> Iterator[Section]:
    """What raises the highest scores most often."""
    found = predictions.top_reasons(desk.read, desk.task, desk.as_of)
    yield figures.frequent_reasons(desk.task, found, desk.language)


def ranking(
    desk: Scored,
    title: str,
    entity: Column,
    *more: Column,
    words: Mapping[str, Mapping[str, str]] | None = None,
) -> Table:
    """The cases, highest score first: who, how likely with its bounds, in which band, and why.

    `words` tells the codes of some columns. Only as many rows are fetched as are shown somewhere.
    """
    _, task, language = desk.say, desk.task, desk.language
    share = task.kind != "regression"
    score = Column(
        "score",
        _("Score"),
        "percent" if share else "number",
        "" if share else task.meaning.unit,
        lower="lower",
        upper="upper",
    )
    band = (Column("band", _("Band")),) if task.bands or task.kind == "multiclass" else ()
    columns = (entity, score, *band, *more, Column("why", _("Reasons"), wraps=True))
    empty = Table("ranking", title, columns, pl.DataFrame())
    found = desk.read(
        f"SELECT * FROM ({desk.cases(task, predictions.highest(task))}) AS cases "
        "ORDER BY score DESC, entity_id",
        {"as_of": desk.as_of, "most": desk.rows(empty.most)},
    )
    told = desk.masked(found).with_columns(
        pl.col("band").map_elements(
            lambda band: figures.band_label(task, band, language), return_dtype=pl.String
        ),
        pl.Series("why", in_words(found["reasons"], task, language), dtype=pl.String),
        *(pl.col(column).replace(dict(codes)) for column, codes in (words or {}).items()),
    )
    needed = {name: None for each in columns for name in (each.name, each.lower, each.upper) if name}
    total = int(measured(desk)[0]["cases"])
    return Table(
        "ranking", title, columns, told.select(*needed), total=total if total > told.height else None
    )
