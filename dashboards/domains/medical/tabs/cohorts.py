"""Cohort curves: how long until a first diagnosis, death or readmission, by groups fixed at the start."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.domains.medical.tabs.cohort_charts import (
    FEWEST,
    cohort_curves,
    figures,
    said_of_groups,
    told_apart,
)
from dashboards.domains.medical.wording import value_words
from dashboards.figures import band_label
from dashboards.queries.medical_cohorts import WITH, WITHOUT, Cohort, Event, Grouping, first_day, followed
from dashboards.queries.predictions import days
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose_listed
from dashboards.screens.parts.export import day_told, show_table
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.screens.tab import Tab
from dashboards.wording import Say, in_language, with_commas
from pipelines.medical.value_sets import value_sets

_YEARS = (1, 2, 3, 4, 5, 10)
_BEFORE = 365  # days of records before a start: without them, old diagnoses would look like first ones
_USUAL_EVENT, _USUAL_CONDITION, _USUAL_PRESENT = "diagnosis", "type-2-diabetes", "hypertension"
_GROUPING: Mapping[str, Grouping] = {  # what they are called in the address
    "all": "",
    "age": "age",
    "gender": "gender",
    "condition": "condition",
    "band": "band",
}


def _title(_: Say) -> str:
    return _("Cohorts")


def _draw(here: Here, task: Task, as_of: datetime) -> None:
    _ = here.say
    st.markdown(
        _(
            "Patients in care on a day, followed from then on: how many had the event by when. Who belongs "
            "to which group is fixed on that first day by what was known then."
        )
    )
    cohort = _chosen(here, task, as_of)
    if cohort is None:
        st.info(
            _("There are no records of an earlier time to follow patients from."), icon=":material/inbox:"
        )
        return
    counts, small = told_apart(here.ask(followed, task, cohort))
    if counts.is_empty():
        st.info(_("Too few patients to follow (fewer than {fewest}).").format(fewest=FEWEST))
        return
    title, event = _titles(here, cohort)
    names = _names(here, task, cohort)

    def named(name: str) -> str:
        return names.get(name, name)

    told = [day_told(here, as_of), title]
    show_figure(here, cohort_curves(counts, named, title, event, here.language), told=told)
    st.caption(_("Under the axis: how many are still followed at that time."))
    if said := said_of_groups(counts, here.language):
        st.markdown(escaped(said))
    show_table(here, "cohort", figures(counts, named, here.language), told, title=title)
    if small:
        groups = with_commas(
            (f"{named(name)} ({numbers.integer(size, here.language)})" for name, size in small.items()),
            here.language,
        )
        st.caption(escaped(_("Too few patients for a curve: {groups}.").format(groups=groups)))
    _explain(here, cohort)


def _chosen(here: Here, task: Task, as_of: datetime) -> Cohort | None:
    """What a person asked for; None where the data are too young."""
    _ = here.say
    events: dict[Event, str] = {
        "diagnosis": _("first diagnosis"),
        "death": _("death"),
        "readmission": _("readmission to hospital"),
    }
    groupings = {
        "all": _("everybody together"),
        "age": _("age"),
        "gender": _("sex"),
        "condition": _("a condition known at the start"),
        "band": _("score at the start"),
    }
    conditions = {name: in_language(each.label, here.language) for name, each in value_sets().items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        event = choose_listed(here, "until", _("Until"), events, width=220)
        condition = present = ""
        if event == "diagnosis":
            condition = choose_listed(here, "diagnosis", _("Diagnosis"), conditions, default=_USUAL_CONDITION)
        by = choose_listed(here, "by", _("Groups by"), groupings, default="age")
        if by == "condition":
            present = choose_listed(here, "condition", _("Condition"), conditions, default=_USUAL_PRESENT)
        starts = _starts(here, task, as_of, _GROUPING[by])
        if not starts:
            return None
        dates = {moment.isoformat(): told for moment, told in starts.items()}
        start = choose_listed(here, "from", _("From"), dates, width=220, default=[*dates][-1])
    return Cohort(event, datetime.fromisoformat(start), as_of.date(), _GROUPING[by], condition, present)


def _starts(here: Here, task: Task, as_of: datetime, by: Grouping) -> dict[datetime, str]:
    """The days one may follow patients from, newest first; scores divide only where they were given."""
    if by == "band":
        earlier = [moment for moment in here.ask_of_all(days, task) if moment < as_of]
        return {moment: numbers.day(moment, here.language) for moment in earlier}
    first = here.ask_of_all(first_day)
    found = {}
    for years in _YEARS:
        # The 29th of February has no sister in most years.
        start = as_of.replace(
            year=as_of.year - years, day=min(as_of.day, 28) if as_of.month == 2 else as_of.day
        )
        if first and start.date() >= first + timedelta(days=_BEFORE):
            found[start] = numbers.day(start, here.language)
    return found


def _titles(here: Here, cohort: Cohort) -> tuple[str, str]:
    """The title of the chart and what its curves count."""
    _, since = here.say, numbers.day(cohort.start, here.language)
    if cohort.event == "death":
        return _("Time to death, from {day} on").format(day=since), _("Died so far")
    if cohort.event == "readmission":
        title = _("Time to readmission, after a discharge since {day}").format(day=since)
        return title, _("Readmitted so far")
    condition = in_language(value_sets()[cohort.condition].label, here.language)
    title = _("Time to a first diagnosis of {condition}, from {day} on")
    return title.format(condition=condition, day=since), _("Diagnosed so far")


def _names(here: Here, task: Task, cohort: Cohort) -> dict[str, str]:
    """The groups in words."""
    _ = here.say
    bands = {band.name: band_label(task, band.name, here.language) for band in task.bands}
    condition = value_sets().get(cohort.present)
    label = in_language(condition.label, here.language) if condition else ""
    present = {
        WITH: _("with: {condition}").format(condition=label),
        WITHOUT: _("without: {condition}").format(condition=label),
    }
    return value_words(_) | bands | (present if cohort.by == "condition" else {})


def _explain(here: Here, cohort: Cohort) -> None:
    _ = here.say
    with st.expander(_("How this is reckoned"), icon=":material/info:"):
        st.markdown(
            _(
                "Everybody enters at the start and nobody later, so nobody is missing because of what "
                "happened before. In care means seen within the two years before the start. Whoever had the "
                "diagnosis before is left out. Patients count as followed until the event, their death or "
                "the last complete day, {day}; whoever moved away unseen is counted as without the "
                "event, which makes the curves a little too low."
            ).format(day=numbers.day(cohort.until, here.language))
        )
        st.markdown(
            _(
                "Death ends the time of following like any other leaving, so that the curve tells what would "
                "be seen if nobody died of something else. Kaplan-Meier with 95% intervals (Greenwood's "
                "variance, log-log scale). Groups are compared as they are: a difference is no proof of a "
                "cause."
            )
        )


COHORTS = Tab("cohorts", _title, ":material/timeline:", _draw)
