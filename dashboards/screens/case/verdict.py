"""What the model says of a case: the sentence, and the score with its interval on the scale of the bands."""

from datetime import datetime
from typing import Any

import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.cases.history import classes
from dashboards.figures import band_label
from dashboards.queries import cases
from dashboards.screens.case.label_set import show_label_set
from dashboards.screens.case.scale import show_scale
from dashboards.screens.here import Here
from dashboards.screens.parts.export import Searched
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.wording import in_language


def show_verdict(here: Here, task: Task, row: dict[str, Any], newest: datetime, name: Searched) -> None:
    """The verdict of the last moment the case was scored for, and whether there was a newer one.

    `name` is what this role may call the case.
    """
    _ = here.say
    if row["as_of"] < newest:
        words = _(
            "Last scored on {day}. At the newest scoring, {newest}, it was not among the cases any more."
        )
        day, last = (numbers.day(each, here.language) for each in (row["as_of"], newest))
        st.info(words.format(day=day, newest=last), icon=":material/history:")
    st.markdown(verdict(here, task, row))
    if task.kind == "multiclass":
        show_figure(here, classes(row, here.language), told=[name])
    else:
        ends = here.ask(cases.spread, task, row["as_of"])
        show_scale(here, task, row["score"], row["lower"], row["upper"], ends=ends)
    show_label_set(here, task, row)


def verdict(here: Here, task: Task, row: dict[str, Any]) -> str:
    """One sentence in Markdown."""
    _, language = here.say, here.language
    band = escaped(band_label(task, str(row["band"]), language))
    ranked = rank_in_words(here, task, row)
    if task.kind == "binary":
        return _("Chance that this {entity} {event}: **{score}**. Band **{band}**, {ranked}.").format(
            entity=escaped(in_language(task.meaning.entity, language)),
            event=escaped(in_language(task.meaning.positive, language)),
            score=numbers.percent(row["score"], language),
            band=band,
            ranked=ranked,
        )
    if task.kind == "multiclass":
        return _("Most likely: **{band}**, with a probability of {score}.").format(
            band=band, score=numbers.percent(row["score"], language)
        )
    low, high = (numbers.number(row[each], language) for each in ("lower", "upper"))
    value = numbers.shown(row["score"], "number", language, task.meaning.unit)
    sentence = _("Expected: **{value}**, most likely between {low} and {high}; {ranked}.")
    return sentence.format(value=escaped(value), low=low, high=high, ranked=ranked)


def rank_in_words(here: Here, task: Task, row: dict[str, Any]) -> str:
    _ = here.say
    place, of = here.ask(cases.rank, task, row["as_of"], row["score"])
    return _("place {place} of {cases}").format(
        place=numbers.integer(place, here.language), cases=numbers.integer(of, here.language)
    )
