"""The archive: every issue that was sent, once for all who saw the same."""

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.queries import deliveries as queries
from dashboards.reports import cut
from dashboards.reports.enclosed import size_in_words
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.archived import show_archived
from dashboards.screens.parts.delivery_words import role_in_words
from dashboards.screens.parts.paged import PAGE_SIZE, choose, choose_row, chosen, page_asked, show_pager
from dashboards.screens.parts.subscribers import ask_report
from dashboards.screens.parts.subscribing import readable_roles
from dashboards.wording import LANGUAGES
from pipelines.store import ArchivedIssue

KEY = "issues"


def show_past_issues(here: Here) -> None:
    """A page of the issues this role may see; the chosen one below."""
    _ = here.say
    roles = readable_roles(here)
    report = ask_report(here, queries.reports_kept(here.store), "issues-report", 320)
    pager, page = page_asked(KEY, report)
    found, rows = queries.issues(here.store, roles, report, page, PAGE_SIZE)
    if found:
        words = _("Issues: {number}, the newest first. Choose a row to open it.")
        st.caption(words.format(number=numbers.integer(found, here.language)))
        choose_row(
            here,
            KEY,
            [row.key for row in rows],
            _in_columns(here, rows),
            _("Past issues"),
            whole=lambda: _in_columns(here, queries.issues(here.store, roles, report, 1, found)[1]),
        )
        show_pager(pager, found)
    else:
        st.info(_("No issue is kept yet."), icon=":material/inventory_2:")
        st.markdown(
            _("Each issue that is sent is kept here for {days} days.").format(
                days=numbers.integer(here.settings.mail.archive_days, here.language)
            )
        )
    if others := queries.issues_of_others(here.store, roles):
        words = _("Not shown, made for readers who see more than this dashboard does: {number}.")
        st.caption(words.format(number=numbers.integer(others, here.language)))
    if (key := chosen(KEY)) is not None:
        with st.container(border=True):
            if st.button(_("Close"), key="close-issue", icon=":material/close:"):
                choose(KEY, None)
                st.rerun()
            with errors_in_words(_):
                show_archived(here, str(key))


def _in_columns(here: Here, rows: list[ArchivedIssue]) -> pl.DataFrame:
    _ = here.say
    return pl.DataFrame(
        {
            _("Report"): [row.title for row in rows],
            _("Due"): [row.period for row in rows],
            _("Language"): [LANGUAGES.get(row.language, row.language) for row in rows],
            _("Which rows"): [
                cut.of_subscription(here.settings, row, here.language) or _("all rows") for row in rows
            ],
            _("The reader sees it as"): [role_in_words(here, row.role) for row in rows],
            _("Size"): [size_in_words(row.size, here.language) for row in rows],
        }
    )
