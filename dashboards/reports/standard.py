"""What every report on predictions shows alike, whatever its domain."""

import polars as pl

from dashboards import figures
from dashboards.charts.chart import Chart
from dashboards.queries import predictions
from dashboards.reasons import in_words
from dashboards.reports.desk import Desk
from dashboards.reports.report import Column, Headlines, Section, Table

# A trend of one or two points says nothing.
LEAST_MONTHS = 3


def urgent(desk: Desk, cases: pl.DataFrame) -> pl.DataFrame:
    """The cases in the upper half of the task's bands: those someone should look at."""
    return cases.filter(pl.col("band").is_in(predictions.urgent_bands(desk.task)))


def common_headlines(desk: Desk, now: pl.DataFrame, before: pl.DataFrame | None, cases: str) -> Headlines:
    """How many were scored, how many of them are urgent, and the mean score; `cases` says of what."""
    _ = desk.say
    earlier = before if before is not None else pl.DataFrame(schema=now.schema)
    known = before is not None
    return Headlines(
        (
            desk.headline(cases, now.height, earlier.height if known else None),
            desk.headline(
                _("In the upper bands"),
                urgent(desk, now).height,
                urgent(desk, earlier).height if known else None,
            ),
            desk.headline(_("Mean score"), _mean(now), _mean(earlier) if known else None, "percent"),
        ),
        desk.since,
    )


def charts_of_scores(desk: Desk) -> list[Section]:
    """The bands and the distribution of the scores."""
    bands = predictions.by_band(desk.read, desk.task, desk.as_of)
    histogram = predictions.histogram(desk.read, desk.task, desk.as_of)
    return [
        figures.cases_by_band(desk.task, bands, desk.language),
        figures.score_distribution(desk.task, histogram, desk.language),
    ]


def chart_of_outcomes(desk: Desk, title: str) -> list[Section]:
    """What really happened, by month; nothing where too few months are known."""
    outcomes = predictions.outcomes(desk.read, desk.task)
    if outcomes.height < LEAST_MONTHS:
        return []
    return [figures.outcome_trend(desk.task, outcomes, desk.language, title)]


def chart_of_reliability(desk: Desk) -> list[Section]:
    """Whether what the model predicted came true on unseen cases; nothing where that is not known."""
    return [] if desk.reliability.is_empty() else [figures.reliability(desk.reliability, desk.language)]


def chart_of_segments(desk: Desk, cases: pl.DataFrame, column: str, title: str, segment: str) -> Chart:
    """The mean score by a column of the cases; segments of fewer than ten cases are left out."""
    return figures.mean_score_by(predictions.segments(cases, column, least=10), desk.language, title, segment)


def chart_of_reasons(desk: Desk, cases: pl.DataFrame) -> Chart:
    """What raises the highest scores most often."""
    return figures.frequent_reasons(desk.task, predictions.top_reasons(cases), desk.language)


def ranking(desk: Desk, cases: pl.DataFrame, title: str, entity: Column, *more: Column) -> Table:
    """The cases, highest score first: who, how likely with its bounds, in which band, and why."""
    _ = desk.say
    task, language = desk.task, desk.language
    frame = cases.with_columns(
        pl.col("band").map_elements(
            lambda band: figures.band_label(task, band, language), return_dtype=pl.String
        ),
        pl.Series("why", [in_words(each, task, language) for each in cases["reasons"]], dtype=pl.String),
    )
    score = Column("score", _("Score"), "percent", lower="lower", upper="upper")
    columns = (entity, score, Column("band", _("Band")), *more, Column("why", _("Reasons"), wraps=True))
    return Table("ranking", title, columns, frame)


def _mean(cases: pl.DataFrame) -> float | None:
    return None if cases.is_empty() else float(cases["score"].to_numpy().mean())
