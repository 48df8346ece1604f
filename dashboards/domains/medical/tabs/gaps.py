"""Care gaps: what recorded conditions call for and what is overdue, counted by ward and listed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl
import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.charts.chart import Axis, Chart
from dashboards.domains.medical.tabs.ward_charts import ward_name
from dashboards.domains.medical.wording import value_words
from dashboards.queries.medical_gaps import gaps_by_ward, overdue
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose_listed, choose_several
from dashboards.screens.parts.columns import Shown, in_words, masked
from dashboards.screens.parts.export import day_told, show_table
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.screens.tab import Tab
from dashboards.wording import Say, in_language, together, with_semicolons
from pipelines.access import visible_to
from pipelines.medical.care_gaps import Gap, catalogue
from pipelines.medical.value_sets import value_set

_PATIENTS = "medical.patients"
_MOST = 200
_ROWS = 14  # a longer table scrolls
_SHOWN = (
    Shown("patient_id", _PATIENTS),
    Shown("family_name", _PATIENTS),
    Shown("given_name", _PATIENTS),
    Shown("birth_date", _PATIENTS),
)


def _title(_: Say) -> str:
    return _("Care gaps")


def _draw(here: Here, _task: Task, as_of: datetime) -> None:
    _ = here.say
    st.markdown(
        _(
            "Which patients have a recorded condition that calls for an examination, and no record of it in "
            "time. Only patients in care count: seen within two years. A gap means that a record is missing, "
            "not that somebody was neglected: the examination may have been done elsewhere, or be wrong for "
            "this patient."
        )
    )
    counts = here.ask(gaps_by_ward, as_of)
    judged, unknown = _judged(counts)
    if judged.is_empty():
        st.info(
            _("No patient in care has a recorded condition that calls for an examination known here."),
            icon=":material/inbox:",
        )
    else:
        day = [day_told(here, as_of)]
        show_figure(here, _shares(here, judged), told=day)
        _show_counts(here, judged, day)
        _show_overdue(here, as_of, judged)
    if unknown:
        told = with_semicolons((_name(here, gap) for gap in unknown), here.language)
        st.caption(
            escaped(
                _(
                    "Not judged, because these data hold no such examination of any patient: {gaps}. They "
                    "are probably recorded elsewhere."
                ).format(gaps=told)
            )
        )
    _show_sources(here)


def _judged(counts: pl.DataFrame) -> tuple[pl.DataFrame, list[Gap]]:
    """The counts of rules whose examination is recorded of anybody, and the other rules about somebody."""
    done = counts.group_by("gap").agg(pl.sum("done"))
    never = done.filter(pl.col("done") == 0)["gap"].to_list()
    rules = catalogue().gaps
    return counts.filter(~pl.col("gap").is_in(never)), [rules[name] for name in sorted(never)]


def _name(here: Here, gap: Gap) -> str:
    """`Type 2 diabetes: HbA1c`."""
    condition = in_language(value_set(gap.condition).label, here.language)
    examination = in_language(catalogue().examinations[gap.examination].label, here.language)
    _ = here.say
    return _("{condition}: {examination}").format(condition=condition, examination=examination)


def _shares(here: Here, counts: pl.DataFrame) -> Chart:
    _, language = here.say, here.language
    sums = (
        counts.group_by("gap")
        .agg(pl.sum("patients"), pl.sum("overdue"))
        .with_columns(share=pl.col("overdue") / pl.col("patients"))
        .sort("share", "gap", descending=[True, False])
    )
    rules = catalogue().gaps
    first = sums.row(0, named=True)
    sentence = _("«{gap}» is overdue most often: {overdue} of {patients} patients ({share}).").format(
        gap=_name(here, rules[first["gap"]]),
        overdue=numbers.integer(first["overdue"], language),
        patients=numbers.integer(first["patients"], language),
        share=numbers.percent(first["share"], language, 0),
    )
    names = [_name(here, rules[gap]) for gap in sums["gap"]]
    return Chart(
        name="gaps",
        kind="ranked",
        title=_("Share of patients overdue"),
        sentence=sentence,
        data=sums.with_columns(pl.Series("name", names, dtype=pl.String)),
        x=Axis("name", _("Care gap"), "text"),
        y=Axis("share", _("Share overdue"), "percent"),
    )


def _show_counts(here: Here, counts: pl.DataFrame, told: Sequence[str]) -> None:
    """A row for each rule, a column for each ward: `overdue of patients`."""
    _, language = here.say, here.language
    rules, rows = catalogue().gaps, []
    for name in counts["gap"].unique().sort():
        own = counts.filter(pl.col("gap") == name)
        row = {
            _("Care gap"): _name(here, rules[name]),
            _("Every (months)"): numbers.integer(rules[name].months, language),
            _("All wards"): _of(here, int(own["overdue"].sum()), int(own["patients"].sum())),
        }
        for ward in counts["ward"].unique().sort(nulls_last=True):
            there = own.filter(pl.col("ward").eq_missing(ward))
            row[ward_name(ward, _)] = _of(here, int(there["overdue"].sum()), int(there["patients"].sum()))
        rows.append(row)
    table = pl.DataFrame(rows)
    right = {name: st.column_config.TextColumn(alignment="right") for name in table.columns[1:]}
    right[table.columns[0]] = st.column_config.TextColumn(width=190)  # the counts are to be seen on a phone
    show_table(here, "gaps", table, told, title=_("Overdue by ward"), column_config=right)


def _of(here: Here, part: int, whole: int) -> str:
    _ = here.say
    if not whole:
        return numbers.ABSENT
    return _("{part} of {whole}").format(
        part=numbers.integer(part, here.language), whole=numbers.integer(whole, here.language)
    )


def _show_overdue(here: Here, as_of: datetime, counts: pl.DataFrame) -> None:
    _, language = here.say, here.language
    st.header(_("Who is overdue"), anchor=False)
    rules = catalogue().gaps
    with st.container(horizontal=True, vertical_alignment="bottom"):
        named = {name: _name(here, rules[name]) for name in counts["gap"].unique().sort()}
        gap = choose_listed(here, "gap", _("Care gap"), named, width=440)
        known = counts["ward"].drop_nulls().unique().sort()
        wards = choose_several(here, "ward", _("Ward"), dict(zip(known, known, strict=True)), width=240)
    found = here.ask(overdue, as_of, gap, tuple(wards), _MOST)
    if found.is_empty():
        st.success(_("Nobody is overdue here."), icon=":material/check_circle:")
        return
    total = counts.filter((pl.col("gap") == gap) & (pl.col("ward").is_in(wards) if wards else True))[
        "overdue"
    ]
    said = [
        _("{cases} patients, longest overdue first.").format(
            cases=numbers.integer(int(total.sum()), language)
        )
    ]
    if found.height == _MOST:
        said.append(_("The first {shown} are shown.").format(shown=_MOST))
    st.caption(together(said, language))
    table = _table(here, masked(here, found, _SHOWN))
    shown: dict[str, Any] = {
        "column_config": {_("Days overdue"): st.column_config.TextColumn(alignment="right")},
        "height": "content" if table.height <= _ROWS else 560,
    }
    told = [day_told(here, as_of), named[gap], *wards]
    show_table(here, "overdue", table, told, title=_("Who is overdue"), **shown)


def _table(here: Here, seen: pl.DataFrame) -> pl.DataFrame:
    _, language = here.say, here.language
    codes, visible = value_words(_), visible_to(here.role)
    rows = []
    for row in seen.iter_rows(named=True):
        shown: dict[str, Any] = {_("Patient"): row["patient_id"]}
        if "name" in visible:
            shown[_("Name")] = f"{row['family_name'] or ''} {row['given_name'] or ''}".strip()
        if "birth_date" in visible:
            shown[_("Date of birth")] = numbers.day(row["birth_date"], language)
        rows.append(
            shown
            | {
                _("Gender"): in_words(here, row["gender"], codes),
                _("Ward"): ward_name(row["ward"], _),
                _("Condition known since"): numbers.day(row["since"], language),
                _("Last done"): numbers.day(row["last_at"], language) if row["last_at"] else _("never"),
                _("Was due"): numbers.day(row["due_on"], language),
                _("Days overdue"): numbers.integer(row["days"], language),
            }
        )
    return pl.DataFrame(rows)


def _show_sources(here: Here) -> None:
    _ = here.say
    with st.expander(_("The rules and who says so"), icon=":material/menu_book:"):
        for gap in catalogue().gaps.values():
            st.markdown(
                escaped(
                    _("{gap}, every {months} months. {source}.").format(
                        gap=_name(here, gap), months=gap.months, source=gap.source
                    )
                )
            )


GAPS = Tab("gaps", _title, ":material/event_busy:", _draw)
