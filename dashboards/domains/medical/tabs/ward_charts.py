"""The patients of the wards as a picture and as a table."""

from typing import Any

import polars as pl

from analytics.task import Task
from dashboards.charts.chart import Axis, Chart
from dashboards.figures import band_label, band_tones
from dashboards.numbers import integer, number
from dashboards.queries.predictions import urgent_bands
from dashboards.wording import Say, say

_MOST = 20


def ward_name(ward: str | None, _: Say) -> str:
    """A ward as people read it."""
    return ward or _("no ward known")


def ward_order(counts: pl.DataFrame) -> list[str | None]:
    """The wards, most expected diagnoses first, and last whoever has none."""
    sums = counts.group_by("ward").agg(pl.sum("expected")).sort("expected", "ward", descending=[True, False])
    wards: list[str | None] = sums["ward"].to_list()
    return sorted(wards, key=lambda ward: ward is None)


def ward_bands(task: Task, counts: pl.DataFrame, language: str) -> Chart:
    """How many patients of each ward stand in which band (`queries.medical_wards.by_ward`)."""
    _ = say(language)
    wards, bands = ward_order(counts)[:_MOST], [band.name for band in task.bands]
    rows = [
        (ward_name(ward, _), band_label(task, band, language), _cases(counts, ward, [band]))
        for ward in wards
        for band in bands
    ]
    sentence = ""
    if wards:
        most = max(wards, key=lambda ward: _cases(counts, ward, urgent_bands(task)))
        sentence = _("«{ward}» has most patients in the upper bands: {cases}.").format(
            ward=ward_name(most, _), cases=integer(_cases(counts, most, urgent_bands(task)), language)
        )
    return Chart(
        name="wards",
        kind="stacked",
        title=_("Patients by ward and band"),
        sentence=sentence,
        data=pl.DataFrame(
            rows, schema={"ward": pl.String, "band": pl.String, "cases": pl.Int64}, orient="row"
        ),
        x=Axis("ward", _("Ward"), "text"),
        y=Axis("cases", _("Patients"), "integer"),
        group="band",
        tones=band_tones(task, language),
    )


def ward_table(task: Task, counts: pl.DataFrame, language: str) -> pl.DataFrame:
    """A row for each ward: its patients, how many in each band, how many diagnoses to expect."""
    _ = say(language)
    rows: list[dict[str, Any]] = []
    for ward in ward_order(counts):
        own = counts.filter(pl.col("ward").eq_missing(ward))
        rows.append(
            {
                _("Ward"): ward_name(ward, _),
                _("Patients"): integer(int(own["cases"].sum()), language),
                **{
                    band_label(task, band.name, language): integer(
                        _cases(counts, ward, [band.name]), language
                    )
                    for band in reversed(task.bands)
                },
                _("Expected new diagnoses"): number(float(own["expected"].sum()), language, 1),
            }
        )
    return pl.DataFrame(rows)


def _cases(counts: pl.DataFrame, ward: str | None, bands: list[str]) -> int:
    own = counts.filter(pl.col("ward").eq_missing(ward) & pl.col("band").is_in(bands))
    return int(own["cases"].sum())
