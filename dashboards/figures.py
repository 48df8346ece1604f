"""Data in, chart out: the figures that screens and reports share, so that their numbers are the same.

Each says in one sentence what the reader should see. Words come in the language of `_`.
"""

from collections.abc import Sequence

import polars as pl

from analytics.rates import wilson_bounds
from analytics.task import Task
from dashboards.charts.chart import Axis, Chart, Reference, Tone
from dashboards.numbers import integer, month, number, percent, points
from dashboards.numbers import shown as with_unit
from dashboards.reasons import Reason, feature_label
from dashboards.units import unit_in_words
from dashboards.wording import in_language, say

# Bands from the calmest to the most urgent, whatever a task calls them.
_GRADES: dict[int, tuple[Tone, ...]] = {
    1: ("plain",),
    2: ("calm", "alert"),
    3: ("calm", "watch", "alert"),
    4: ("calm", "plain", "watch", "alert"),
}


def band_label(task: Task, band: str, language: str) -> str:
    """How the task speaks of a band (or of a class)."""
    for each in task.bands:
        if each.name == band:
            return in_language(each.label, language)
    return band


def band_tones(task: Task, language: str) -> dict[str, Tone]:
    """What the colours of the bands mean, by the band's label."""
    grades = _GRADES.get(len(task.bands), ())
    labels = [in_language(band.label, language) for band in task.bands]
    return dict(zip(labels, grades, strict=False))


def cases_by_band(task: Task, bands: pl.DataFrame, language: str) -> Chart:
    """How many cases stand in each band (`queries.predictions.by_band`)."""
    _ = say(language)
    labels = [band_label(task, str(band), language) for band in bands["band"]]
    data = bands.select("cases").with_columns(pl.Series("band", labels, dtype=pl.String))
    sentence = ""
    if not bands.is_empty() and (total := int(bands["cases"].sum())):
        last = int(bands["cases"][-1])
        sentence = _("In the band «{band}»: {cases} of {total} ({share}).").format(
            cases=integer(last, language),
            total=integer(total, language),
            share=percent(last / total, language),
            band=labels[-1],
        )
    return Chart(
        name="bands",
        kind="bar",
        title=_("Cases by band"),
        sentence=sentence,
        data=data,
        x=Axis("band", _("Band"), "text"),
        y=Axis("cases", _("Cases"), "integer"),
        group="band",
        tones=band_tones(task, language),
    )


def score_distribution(task: Task, histogram: pl.DataFrame, language: str) -> Chart:
    """How the scores are spread (`queries.predictions.histogram`), each bin in the colour of its band."""
    _ = say(language)
    is_share = task.kind != "regression"
    banded = _banded(task, histogram, language)
    sentence = ""
    if total := int(histogram["cases"].sum() or 0):
        middle = histogram.filter(pl.col("cases").cum_sum() >= total / 2).row(0, named=True)["end"]
        shown = (
            percent(middle, language)
            if is_share
            else with_unit(middle, "number", language, task.meaning.unit)
        )
        sentence = _("Half of the {total} cases score below {middle}.").format(
            total=integer(total, language), middle=shown
        )
    return Chart(
        name="scores",
        kind="histogram",
        title=_("Distribution of scores"),
        sentence=sentence,
        data=banded,
        x=Axis(
            "start",
            _("Score"),
            "percent" if is_share else "number",
            unit_in_words(task.meaning.unit, language),
        ),
        y=Axis("cases", _("Cases"), "integer"),
        x_end="end",
        group="band",
        tones=band_tones(task, language),
    )


def _banded(task: Task, histogram: pl.DataFrame, language: str) -> pl.DataFrame:
    """The bins with the label of the band that the middle of each belongs to.

    They are not cut where a band ends: of a bin cut in two each part has fewer cases than its neighbours only
    because it is narrower. So a band narrower than a bin may have no colour here; `cases_by_band` counts it.
    """
    middles = ((histogram["start"] + histogram["end"]) / 2).to_list()
    labels = [next((band.name for band in task.bands if middle < band.upper), "") for middle in middles]
    names = [
        band_label(task, label or task.bands[-1].name, language) if task.bands else "" for label in labels
    ]
    return histogram.with_columns(pl.Series("band", names, dtype=pl.String))


def outcome_trend(task: Task, outcomes: pl.DataFrame, language: str, title: str, months: int = 24) -> Chart:
    """What really happened, month by month (`queries.predictions.outcomes`), with its 95 % interval."""
    _ = say(language)
    data = _with_interval(outcomes.tail(months)) if task.kind == "binary" else outcomes.tail(months)
    is_share = task.kind == "binary"
    sentence, reference = "", None
    if not data.is_empty():
        mean = _weighted_mean(data["rate"], data["cases"])
        last = data.row(-1, named=True)
        show = percent if is_share else number
        sentence = _("{month}: {rate}; over the months shown {mean}.").format(
            month=month(last["month"], language), rate=show(last["rate"], language), mean=show(mean, language)
        )
        reference = Reference(mean, _("mean {mean}").format(mean=show(mean, language)))
    return Chart(
        name="trend",
        kind="line",
        title=title,
        sentence=sentence,
        data=data,
        x=Axis("month", _("Month"), "month"),
        y=Axis("rate", _("Share of cases") if is_share else _("Mean"), "percent" if is_share else "number"),
        lower="lower" if is_share else "",
        upper="upper" if is_share else "",
        reference=reference,
    )


def _weighted_mean(values: pl.Series, weights: pl.Series) -> float:
    return float((values * weights).sum()) / float(weights.sum())


def _with_interval(outcomes: pl.DataFrame) -> pl.DataFrame:
    """`lower` and `upper` of each rate after Wilson (1927): right for few cases and rates near 0."""
    lower, upper = wilson_bounds(pl.col("rate"), pl.col("cases"))
    return outcomes.with_columns(lower=lower, upper=upper)


def mean_score_by(segments: pl.DataFrame, language: str, title: str, segment: str, most: int = 8) -> Chart:
    """The mean score of each segment (`queries.predictions.segments`), the highest on top."""
    _ = say(language)
    data = segments.head(most)
    sentence = ""
    if data.height > 1:
        first, last = data.row(0, named=True), data.row(-1, named=True)
        sentence = _("«{highest}» stands highest with {high}, {points} points above «{lowest}».").format(
            highest=first["segment"],
            high=percent(first["mean_score"], language),
            points=points(first["mean_score"] - last["mean_score"], language).lstrip("+"),
            lowest=last["segment"],
        )
    return Chart(
        name="segments",
        kind="ranked",
        title=title,
        sentence=sentence,
        data=data,
        x=Axis("segment", segment, "text"),
        y=Axis("mean_score", _("Mean score"), "percent"),
    )


def frequent_reasons(task: Task, reasons: pl.DataFrame, language: str) -> Chart:
    """What raises the highest scores most often (`queries.predictions.top_reasons`)."""
    _ = say(language)
    labels = [feature_label(feature, task, language) for feature in reasons["feature"]]
    sentence = ""
    if labels:
        sentence = _(
            "«{reason}» is among the three strongest reasons of {share} of the cases explained."
        ).format(reason=labels[0], share=percent(reasons["share"][0], language, digits=0))
    return Chart(
        name="reasons",
        kind="ranked",
        title=_("What raises the highest scores"),
        sentence=sentence,
        data=reasons.with_columns(pl.Series("label", labels, dtype=pl.String)),
        x=Axis("label", _("Reason"), "text"),
        y=Axis("share", _("Share of the cases explained"), "percent"),
    )


def reliability(bins: pl.DataFrame, language: str) -> Chart:
    """Whether what was predicted came true: `predicted, observed, cases` per bin of held-out cases."""
    _ = say(language)
    n = bins["cases"].cast(pl.Float64)
    rates = pl.DataFrame({"cases": n, "rate": bins["observed"]})
    data = bins.with_columns(_with_interval(rates).select("lower", "upper"))
    sentence = ""
    if n.sum():
        error = _weighted_mean((bins["predicted"] - bins["observed"]).abs(), n)
        highest = bins.row(int(bins["predicted"].arg_max() or 0), named=True)
        sentence = _(
            "Of 100 cases given about {predicted}, {observed} had the event; predicted and observed shares "
            "differ by {error} points on average."
        ).format(
            predicted=percent(highest["predicted"], language, 0),
            observed=number(100 * highest["observed"], language, 0),
            error=points(error, language).lstrip("+"),
        )
    return Chart(
        name="reliability",
        kind="reliability",
        title=_("Do the scores keep their promise?"),
        sentence=sentence,
        data=data,
        x=Axis("predicted", _("Predicted"), "percent"),
        y=Axis("observed", _("Observed"), "percent"),
        lower="lower",
        upper="upper",
    )


def reasons_of_case(task: Task, reasons: Sequence[Reason], language: str, most: int = 10) -> Chart:
    """Why one case scores as it does: what raises the score and what lowers it, in log-odds or its unit."""
    _ = say(language)
    unit = unit_in_words(task.meaning.unit, language) if task.kind == "regression" else _("log-odds")
    raises, lowers = _("raises the score"), _("lowers the score")
    strongest = list(reasons)[:most]
    data = pl.DataFrame(
        {
            "reason": [reason.text for reason in strongest],
            "contribution": [reason.contribution for reason in strongest],
            "side": [raises if reason.contribution > 0 else lowers for reason in strongest],
        },
        schema={"reason": pl.String, "contribution": pl.Float64, "side": pl.String},
    )
    sentence = ""
    if strongest:
        sentence = _("The strongest reason is «{reason}».").format(reason=strongest[0].text)
    return Chart(
        name="case",
        kind="contributions",
        title=_("Why this score"),
        sentence=sentence,
        data=data,
        x=Axis("reason", _("Reason"), "text"),
        y=Axis("contribution", _("Contribution"), "signed", unit),
        group="side",
        tones={raises: "alert", lowers: "calm"},
    )
