"""The risk list by ward: how many patients in which band, and the highest of one ward for the round."""

from datetime import datetime
from typing import Any

import polars as pl
import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.addresses import CASE
from dashboards.domains.medical.tabs.round_sheet import round_sheet
from dashboards.domains.medical.tabs.ward_charts import ward_bands, ward_name, ward_order, ward_table
from dashboards.domains.medical.wording import notice, value_words
from dashboards.explore.view import View
from dashboards.figures import band_label
from dashboards.queries.medical import patients_sql
from dashboards.queries.medical_wards import by_ward, highest_of_ward
from dashboards.reasons import in_words as reasons_in_words
from dashboards.reports.pdf import pdf
from dashboards.screens.address import name_in_address
from dashboards.screens.explore.address import asked
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose, choose_listed
from dashboards.screens.parts.columns import Shown, in_words, masked
from dashboards.screens.parts.export import day_told, offer_file, show_table
from dashboards.screens.parts.figure import show_figure
from dashboards.screens.parts.list_link import link_to_list
from dashboards.screens.tab import Tab
from dashboards.wording import Say
from pipelines.access import visible_to

_PATIENTS = "medical.patients"
_LENGTHS = (10, 20, 40)
SHOWN = (
    Shown("entity_id", _PATIENTS, "patient_id"),
    Shown("family_name", _PATIENTS),
    Shown("given_name", _PATIENTS),
    Shown("gender", _PATIENTS),
)


def _title(_: Say) -> str:
    return _("Wards")


def _draw(here: Here, task: Task, as_of: datetime) -> None:
    _ = here.say
    counts = here.ask(by_ward, patients_sql(task), as_of)
    st.markdown(
        _(
            "Whom to look at first, ward by ward. A patient belongs to the ward of the newest visit that "
            "names one. The expected number is the sum of the scores: how many first diagnoses to expect "
            "within twelve months if nothing changes."
        )
    )
    if counts["ward"].null_count() == counts.height:
        st.info(_("No visit names a ward, so there is no list by ward."), icon=":material/inbox:")
        return
    told = [day_told(here, as_of)]
    show_figure(here, ward_bands(task, counts, here.language), told=told)
    table = ward_table(task, counts, here.language)
    show_table(
        here, "wards", table, told, title=_("Patients by ward and band"), column_config=_right(table, 1)
    )
    _show_ward(here, task, as_of, ward_order(counts))


def _show_ward(here: Here, task: Task, as_of: datetime, wards: list[str | None]) -> None:
    _ = here.say
    st.header(_("For the round"), anchor=False)
    names = {ward_name(ward, _): ward for ward in wards}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = choose_listed(here, "ward", _("Ward"), {each: each for each in names})
        lengths = {str(each): str(each) for each in _LENGTHS}
        most = int(choose("most", _("Patients"), lengths, default=str(_LENGTHS[1])))
    ward = names[name]
    found = here.ask(highest_of_ward, patients_sql(task), as_of, ward, most)
    seen = masked(here, found, SHOWN)
    _show_patients(here, task, found, seen, [day_told(here, as_of), name])
    with st.container(horizontal=True):
        link_to_list(
            here,
            here.page,
            View(choices=(("ward", (ward or "",)),), day=asked().day),
            _("All patients of this ward in the list"),
        )
        offer_file(
            here,
            _("Sheet for the round (PDF)"),
            lambda: pdf(round_sheet(here, task, as_of, name, seen)),
            "round",
            {"format": "pdf", "rows": seen.height},
            [day_told(here, as_of), name],
            file_name=f"round-{as_of:%Y-%m-%d}.pdf",
            mime="application/pdf",
            icon=":material/print:",
            key="round-sheet",
        )
    st.caption(notice(_))


def _show_patients(here: Here, task: Task, found: pl.DataFrame, seen: pl.DataFrame, told: list[str]) -> None:
    _ = here.say
    codes, language = value_words(_), here.language
    table: dict[str, Any] = {_("Patient"): seen["entity_id"]}
    if "name" in visible_to(here.role):
        table[_("Name")] = [
            f"{row['family_name'] or ''} {row['given_name'] or ''}".strip() or numbers.ABSENT
            for row in seen.iter_rows(named=True)
        ]
    table |= {
        _("Age"): [numbers.integer(age, language) for age in seen["age"]],
        _("Gender"): [in_words(here, value, codes) for value in seen["gender"]],
        _("Score"): 100 * seen["score"],
        _("Band"): [band_label(task, str(band), language) for band in seen["band"]],
        _("Strongest reason"): reasons_in_words(seen["reasons"], task, language, most=1),
        _("Last seen"): [numbers.day(at, language) for at in seen["last_seen_at"]],
    }
    key = "ward-patients"

    def opened() -> None:
        chosen = st.session_state[key]["selection"]
        places = chosen["rows"] or [row for row, _column in chosen["cells"]]
        if places:
            name_in_address(CASE, str(found["entity_id"][places[0]]))

    opens: dict[str, Any] = {"on_select": opened, "selection_mode": ["single-row", "single-cell"]}
    if here.sees_identifiers:
        st.caption(_("Highest score first. Choose a row to open the patient."))
    show_table(
        here,
        "round",
        pl.DataFrame(table),
        told,
        title=_("For the round"),
        key=key,
        column_config={
            _("Score"): st.column_config.ProgressColumn(
                format="%.1f%%", min_value=0, max_value=100, width=140
            ),
            _("Age"): st.column_config.TextColumn(alignment="right"),
        },
        **(opens if here.sees_identifiers else {}),
    )


def _right(table: pl.DataFrame, first: int) -> dict[str, Any]:
    """Columns of numbers stand to the right, from the one at `first` on."""
    return {name: st.column_config.TextColumn(alignment="right") for name in table.columns[first:]}


WARDS = Tab("wards", _title, ":material/bed:", _draw)
