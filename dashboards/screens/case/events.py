"""What happened to a case: counted by kind over time, and the newest one by one."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.cases.timeline import timeline
from dashboards.domain_words import code_in_words
from dashboards.queries import cases
from dashboards.queries.cases import Events
from dashboards.screens.case.about import About
from dashboards.screens.case.known import described
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown, in_words, masked
from dashboards.screens.parts.export import Searched, show_table
from dashboards.screens.parts.figure import show_figure
from dashboards.units import unit_in_words

MOST_LISTED = 2_000  # of each table, the newest
MOST_KINDS = 12  # of one table; one with more (numbers of repairs) counts as one kind
FEWEST_DRAWN = 6  # fewer events are read faster than their picture
_CURRENCY = re.compile("[A-Z]{3}")  # ISO 4217
_HEIGHT = 420  # of the list, in CSS pixels


def show_events(here: Here, about: About, entity_id: str, as_of: datetime, name: Searched) -> None:
    """Everything until the end of the scored day: what came after it the score did not know.

    `name` is what this role may call the case.
    """
    _ = here.say
    if not about.events:
        return
    counted = counts(here, about, entity_id, as_of)
    total = int(counted["events"].sum()) if counted.height else 0
    if not total:
        st.caption(_("No event is known of this case."))
        return
    if total >= FEWEST_DRAWN:
        show_figure(here, timeline(counted, here.language), told=[name])
    st.header(_("Recent events"), anchor=False)
    listed = events_of(here, about, entity_id, as_of, MOST_LISTED)
    if listed.height < total:
        words = _("The newest {listed} of {total}.")
        st.caption(
            words.format(
                listed=numbers.integer(listed.height, here.language),
                total=numbers.integer(total, here.language),
            )
        )
    height = "content" if listed.height <= MOST_KINDS else _HEIGHT
    show_table(here, "events", in_columns(here, listed), [name], title=_("Recent events"), height=height)


def counts(here: Here, about: About, entity_id: str, as_of: datetime) -> pl.DataFrame:
    """`at` (day), `kind` in words, `events` of all tables, masked for the role."""
    found = []
    for each in about.events:
        frame = here.ask(cases.event_counts, each, entity_id, _until(as_of))
        if frame.is_empty():
            continue
        what = Shown("what", each.table, each.what)
        seen = masked(here, frame, [what])["what"]
        kinds = [in_words(here, kind, about.codes) for kind in seen]
        if len(set(kinds)) > MOST_KINDS:
            kinds = [_table(each, about.codes)] * len(kinds)
        found.append(frame.select("at", pl.Series("kind", kinds, pl.String), "events"))
    return pl.concat(found) if found else pl.DataFrame()


def events_of(here: Here, about: About, entity_id: str, as_of: datetime, most: int) -> pl.DataFrame:
    """`at`, and `when`, `table`, `what`, `value` in words, newest first; at most `most` of each table."""
    parts = [_events_of(here, each, entity_id, as_of, about.codes, most) for each in about.events]
    frames = [part for part in parts if not part.is_empty()]
    if not frames:
        return pl.DataFrame({"at": [], "when": [], "table": [], "what": [], "value": []})
    return pl.concat(frames).sort("at", descending=True, nulls_last=True)


def in_columns(here: Here, events: pl.DataFrame) -> pl.DataFrame:
    """The same under headings."""
    _ = here.say
    return pl.DataFrame(
        {
            _("When"): events["when"],
            _("Where from"): events["table"],
            _("What"): events["what"],
            _("Value"): events["value"],
        }
    )


def _events_of(
    here: Here, wanted: Events, entity_id: str, as_of: datetime, codes: Mapping[str, str], most: int
) -> pl.DataFrame:
    frame = here.ask(cases.events, wanted, entity_id, _until(as_of), most)
    if frame.is_empty():
        return pl.DataFrame()
    seen = masked(here, frame, described(here, wanted.table))
    values = seen[wanted.value] if wanted.value else [""] * seen.height
    units = seen[wanted.unit] if wanted.unit else [""] * seen.height
    return pl.DataFrame(
        {
            "at": frame[wanted.at].cast(pl.Datetime("us")),
            "when": _when(here, frame[wanted.at]),
            "table": [_table(wanted, codes)] * seen.height,
            "what": [in_words(here, what, codes) for what in seen[wanted.what]],
            "value": [
                _measure(here, value, str(unit or ""), codes)
                for value, unit in zip(values, units, strict=True)
            ],
        }
    )


def _when(here: Here, moments: pl.Series) -> list[str]:
    """Moments on the reader's clock; days where the table knows no more, as of bookings."""
    known = moments.cast(pl.Datetime("us")).drop_nulls()
    if (known.dt.truncate("1d") == known).all():
        return [numbers.day(moment, here.language) for moment in moments]
    return [in_words(here, moment) for moment in moments]


def _measure(here: Here, value: object, unit: str, codes: Mapping[str, str]) -> str:
    """`7.10 mmol/L`; an amount of a currency as `EUR -9.50`; a value that is not known has no unit."""
    if value == "":
        return ""
    told = in_words(here, value, codes)
    if value is None:
        return told
    if _CURRENCY.fullmatch(unit):
        return f"{unit} {told}"
    return f"{told} {unit_in_words(unit, here.language)}".strip()


def _table(wanted: Events, codes: Mapping[str, str]) -> str:
    return code_in_words(wanted.table.rpartition(".")[2], codes)


def _until(as_of: datetime) -> datetime:
    return as_of + timedelta(days=1)  # the score knows the whole of its day
