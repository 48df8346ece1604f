"""A portfolio before and after a scenario: as charts, as a table of moves, and in words."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from analytics.decisions.shocks import levers_of
from analytics.decisions.stress import Estimate, Outcome
from analytics.task import Lever, Shock, Task
from dashboards.charts.chart import Axis, Chart
from dashboards.domain_words import code_in_words, codes_of
from dashboards.figures import band_label, band_tones
from dashboards.headings import headed
from dashboards.numbers import integer, percent, points, points_between, signed
from dashboards.reasons import feature_label
from dashboards.units import unit_in_words
from dashboards.wording import in_language, say, together, with_commas

_BINS = 30
_SURE = 1.96  # standard errors of a 95 % interval
_MOST_GROUPS = 12


def shocks_in_words(shocks: Sequence[Shock], levers: Sequence[Lever], language: str) -> str:
    """«Income −10%, Interest rate +2 %»: what a scenario changes."""
    known = {lever.name: lever for lever in levers}
    return with_commas((shock_in_words(shock, known[shock.lever], language) for shock in shocks), language)


def shock_in_words(shock: Shock, lever: Lever, language: str) -> str:
    """What one shock does, with its sign."""
    label = in_language(lever.label, language)
    if shock.how == "share":
        return f"{label} {points(shock.amount, language, 0)}%"
    by = signed(shock.amount, language)
    return f"{label} {by} {unit_in_words(lever.unit, language)}".strip()


def touched_in_words(outcome: Outcome, task: Task, language: str) -> str:
    """Which features the scenario touched, and which moved with them."""
    _ = say(language)
    moved, followed = (
        with_commas((feature_label(name, task, language) for name in names), language)
        for names in (outcome.moved, outcome.followed)
    )
    return together(
        (
            _("Changed in every case: {features}.").format(features=moved),
            _("Follow from them: {features}.").format(features=followed) if followed else "",
            _("Everything else the model looks at stays as it is."),
        ),
        language,
    )


def give_or_take(estimate: Estimate, written: str, error: str, language: str) -> str:
    """A figure with its 95 % margin where it comes from a sample."""
    _ = say(language)
    return _("{value} ± {margin}").format(value=written, margin=error) if estimate.error else written


def margin(estimate: Estimate) -> float:
    """Half the width of the 95 % interval."""
    return _SURE * estimate.error


def distribution(outcome: Outcome, language: str) -> Chart:
    """How the scores are spread, before and after."""
    _ = say(language)
    before, after = _("as things are"), _("in the scenario")
    both = pl.concat([outcome.cases["before"], outcome.cases["after"]])
    top = max(float(both.quantile(0.995) or 0.0), 0.01)
    edges = np.linspace(0.0, top, _BINS + 1)
    parts = []
    for name, column in ((before, "before"), (after, "after")):
        counts, _edges = np.histogram(outcome.cases[column].to_numpy(), edges)
        parts.append(
            pl.DataFrame(
                {
                    "score": (edges[:-1] + edges[1:]) / 2,
                    "share": counts / max(outcome.cases.height, 1),
                    "what": [name] * _BINS,
                }
            )
        )
    return Chart(
        name="stressed-scores",
        kind="curve",
        title=_("Scores before and after"),
        sentence=_("The mean score goes from {before} to {after}, by {change} points.").format(
            before=percent(outcome.mean_before.value, language),
            after=percent(outcome.mean_after.value, language),
            change=points_between(outcome.mean_before.value, outcome.mean_after.value, language),
        ),
        data=pl.concat(parts),
        x=Axis("score", _("Score"), "percent"),
        y=Axis("share", _("Share of cases"), "percent"),
        group="what",
        tones={before: "calm", after: "alert"},
    )


def bands(outcome: Outcome, task: Task, language: str) -> Chart:
    """How many cases stand in each band, before and after."""
    _ = say(language)
    columns = {"band_before": _("as things are"), "band_after": _("in the scenario")}
    rows = [
        {"when": when, "band": band_label(task, band.name, language), "cases": cases}
        for column, when in columns.items()
        for band in task.bands
        if (cases := outcome.cases.filter(pl.col(column) == band.name).height)
    ]
    last = task.bands[-1]
    was, becomes = (outcome.cases.filter(pl.col(column) == last.name).height for column in columns)
    return Chart(
        name="stressed-bands",
        kind="stacked",
        title=_("Bands before and after"),
        sentence=_("In the band «{band}»: {before} cases as things are, {after} in the scenario.").format(
            band=band_label(task, last.name, language),
            before=integer(was, language),
            after=integer(becomes, language),
        ),
        data=pl.DataFrame(rows, schema={"when": pl.String, "band": pl.String, "cases": pl.Int64}),
        x=Axis("when", "", "text"),
        y=Axis("cases", _("Cases"), "integer"),
        group="band",
        tones=band_tones(task, language),
    )


def moves(outcome: Outcome, task: Task, language: str) -> pl.DataFrame:
    """From which band to which: how many cases, a row per band before, a column per band after."""
    _ = say(language)
    names = [band.name for band in task.bands]
    counted = {(row[0], row[1]): row[2] for row in outcome.band_moves.iter_rows()}
    labels = [band_label(task, name, language) for name in names]
    into = [
        (_("to «{band}»").format(band=label), [counted.get((before, after), 0) for before in names])
        for label, after in zip(labels, names, strict=True)
    ]
    return pl.DataFrame({_("Band before"): labels} | headed(into))


def rising(outcome: Outcome, task: Task) -> float:
    """The share of cases that come into a more urgent band."""
    places = {band.name: place for place, band in enumerate(task.bands)}
    moved = outcome.band_moves.filter(
        pl.col("band_after").replace_strict(places, default=0)
        > pl.col("band_before").replace_strict(places, default=0)
    )
    return float(moved["cases"].sum()) / max(outcome.cases.height, 1)


def movers(outcome: Outcome, category: str, task: Task, language: str) -> Chart:
    """Whose mean score moves most, by one of the categories the model looks at."""
    _ = say(language)
    codes = codes_of(task.domain, _)
    data = outcome.groups(category).head(_MOST_GROUPS)
    data = data.with_columns(
        pl.Series("label", [code_in_words(group, codes) for group in data["group"]], dtype=pl.String),
        (100 * pl.col("change")).alias("points"),
    )
    sentence = ""
    if data.height:
        first = data.row(0, named=True)
        sentence = _("«{group}» moves most: from {before} to {after} on average ({cases} cases).").format(
            group=first["label"],
            before=percent(first["before"], language),
            after=percent(first["after"], language),
            cases=integer(first["cases"], language),
        )
    return Chart(
        name="movers",
        kind="contributions",
        title=_("Who moves most"),
        sentence=sentence,
        data=data,
        x=Axis("label", feature_label(category, task, language), "text"),
        y=Axis("points", _("Change of the mean score"), "signed", _("points")),
    )


def levers(task: Task, features: pl.DataFrame) -> dict[str, Lever]:
    """What can be moved, by its name."""
    return {lever.name: lever for lever in levers_of(task, features.schema)}


def step_of(lever: Lever, features: pl.DataFrame) -> float:
    """A step of a lever that is neither tiny nor huge: a tenth of its spread, in one digit."""
    spread = float(features[lever.features[0]].cast(pl.Float64).std() or 0.0)  # type: ignore[arg-type]
    return float(f"{spread / 10:.1g}") if spread > 0 else 1.0
