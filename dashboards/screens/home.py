"""Today: is everything healthy, what changed since yesterday, where to go next."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl
import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.figures import band_label
from dashboards.queries import home as queries
from dashboards.queries import predictions
from dashboards.screens import domain
from dashboards.screens.here import Here
from dashboards.screens.parts import empty
from dashboards.screens.parts.columns import in_words
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.health import Health, data_health, delivery_health, model_health

_LOOK = {
    "good": (":material/check_circle:", "green"),
    "watch": (":material/warning:", "orange"),
    "bad": (":material/error:", "red"),
    "unknown": (":material/radio_button_unchecked:", "gray"),
}


def draw(here: Here) -> None:
    """The home page."""
    _ = here.say
    st.title(_("Today"), anchor=False)
    st.caption(numbers.moment(datetime.now(UTC), here.language, here.zone))
    _show_health((data_health(here), model_health(here), delivery_health(here)))
    if here.ask(queries.last_load) is None:
        empty.no_data(here)
        return
    _show_notices(here)
    _show_domains(here)
    _show_changes(here)


def _show_health(lines: Sequence[Health]) -> None:
    with st.container(border=True):
        for line in lines:
            icon, colour = _LOOK[line.state]
            reasons = escaped(" ".join(line.reasons))
            st.markdown(f":{colour}[{icon}] **{line.subject}** · {reasons}")


def _show_notices(here: Here) -> None:
    notices = queries.open_notices(here.store)
    if not notices:
        return
    _ = here.say
    st.subheader(_("Needs attention"), anchor=False)
    for notice in notices[:10]:
        when = numbers.moment(notice.at, here.language, here.zone)
        st.warning(f"**{escaped(notice.subject)}** · {when}", icon=":material/notifications:")
        st.caption(escaped(notice.message))


def _show_domains(here: Here) -> None:
    _ = here.say
    st.subheader(_("Predictions"), anchor=False)
    pages = domain.pages_of(here)
    for row in range(0, len(pages), 3):
        for place, page in zip(st.columns(3), pages[row : row + 3], strict=False):
            with place, st.container(border=True, height="stretch"):
                st.page_link(here.pages[page.name], label=f"**{escaped(page.title(_))}**", icon=page.icon)
                for sentence in _said(here, here.tasks[page.task]):
                    st.markdown(sentence)


def _said(here: Here, task: Task) -> list[str]:
    """What a task's newest scores say, a sentence each."""
    _ = here.say
    moments = here.ask(predictions.days, task)
    if not moments:
        return [_("Not scored yet.")]
    bands = here.ask(predictions.by_band, task, moments[0])
    total = int(bands["cases"].sum())
    scored = _("{cases} cases scored, as of {day}.").format(
        cases=numbers.integer(total, here.language), day=numbers.day(moments[0], here.language)
    )
    sentences = [scored]
    if task.bands:
        sentences.append(
            _("**{cases}** in the band «{band}».").format(
                cases=numbers.integer(bands["cases"][-1], here.language),
                band=escaped(band_label(task, task.bands[-1].name, here.language)),
            )
        )
    if len(moments) > 1 and task.bands:
        sentences.append(_moved(here, task, moments[0], moments[1]))
    return sentences


def _moved(here: Here, task: Task, as_of: datetime, before: datetime) -> str:
    """Who reached the highest band since the scoring before: `14 moved up to «very high», 3 of them new`."""
    _ = here.say
    moved = here.ask(queries.moved_bands, task.predictions_table, as_of, before)
    top = moved.filter(pl.col("band") == task.bands[-1].name)
    since = numbers.day(before, here.language)
    if top.is_empty():
        return _("Nobody moved to that band since {day}.").format(day=since)
    return _("{cases} moved to it since {day}; {new} of them are new.").format(
        cases=numbers.integer(int(top["cases"].sum()), here.language),
        new=numbers.integer(int(top.filter(pl.col("before").is_null())["cases"].sum()), here.language),
        day=since,
    )


def _show_changes(here: Here) -> None:
    _ = here.say
    st.subheader(_("Since yesterday"), anchor=False)
    # Whole hours, so that the question stays the same for a while and its answer is remembered.
    since = (datetime.now(UTC) - timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    loaded = here.ask(queries.loaded_since, since)
    if loaded.is_empty():
        st.markdown(_("Nothing was loaded."))
        return
    rows, refused = int(loaded["rows_changed"].sum()), int(loaded["rows_quarantined"].sum())
    sentence = _("{loads} loads brought {rows} new or changed rows; {refused} records went to quarantine.")
    st.markdown(
        sentence.format(
            loads=numbers.integer(int(loaded["loads"].sum()), here.language),
            rows=numbers.integer(rows, here.language),
            refused=numbers.integer(refused, here.language),
        )
    )
    st.dataframe(
        pl.DataFrame(
            {
                _("Table"): loaded["table"],
                _("Rows read"): [numbers.integer(n, here.language) for n in loaded["rows_in"]],
                _("New or changed"): [numbers.integer(n, here.language) for n in loaded["rows_changed"]],
                _("In quarantine"): [numbers.integer(n, here.language) for n in loaded["rows_quarantined"]],
                _("Loaded"): [in_words(here, at) for at in loaded["finished_at"]],
            }
        ),
        hide_index=True,
        column_config={
            name: st.column_config.TextColumn(alignment="right")
            for name in (_("Rows read"), _("New or changed"), _("In quarantine"))
        },
        alt=_("What was loaded since yesterday"),
    )
    st.page_link(here.pages["quality"], label=_("All loads, contracts and the quarantine"))
