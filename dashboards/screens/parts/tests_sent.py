"""Tests by mail, apart from what was sent in earnest."""

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.queries.deliveries import noted
from dashboards.screens.here import Here
from dashboards.screens.parts.export import show_table
from dashboards.screens.parts.subscribers import report_title
from dashboards.subscriptions.sending.specimen import TESTED, test_of

_MOST = 20


def show_tests(here: Here) -> None:
    """The newest tests; nothing where there are none."""
    _ = here.say
    tests = [test_of(each) for each in noted(here.store, TESTED, _MOST)]
    if not tests:
        return
    st.markdown("### " + _("Tests"))
    st.caption(
        _("Sent to try a report out. They are no issues: nobody is subscribed, and no plan is charged.")
    )
    show_table(
        here,
        "tests",
        pl.DataFrame(
            {
                _("Sent"): [numbers.moment(each.at, here.language, here.zone) for each in tests],
                _("Sent to"): [each.email for each in tests],
                _("Report"): [report_title(here, each.report) for each in tests],
                _("By"): [each.who for each in tests],
                _("Taken"): [_("yes") if each.fate == "sent" else _("no") for each in tests],
                _("Answer of the server"): [each.answer for each in tests],
            }
        ),
        title=_("Tests"),
    )
