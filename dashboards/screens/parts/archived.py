"""One issue of the archive: the mail as its readers got it, and its files."""

from functools import partial

import streamlit as st

from connectors.errors import AssistantError
from dashboards import numbers
from dashboards.reports.enclosed import size_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.export import offer_file
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.mail_frame import show_mail
from dashboards.subscriptions.keeping import archive
from dashboards.subscriptions.keeping.kept import File, Kept
from pipelines.access import visible_to


def show_archived(here: Here, key: str) -> None:
    """The issue kept under `key`; raises AssistantError where this role may not see it, or it is gone."""
    _ = here.say
    entry = archive.entry(here.settings, key)
    if entry is not None and not visible_to(entry.role) <= visible_to(here.role):
        raise AssistantError(
            _("This issue was made for readers who see more than this dashboard does."),
            _("Ask somebody whose dashboard shows personal data to open it."),
        )
    issue = archive.issue(here.settings, key)
    letter = issue.letter
    st.markdown(f"**{escaped(letter.subject)}**")
    if entry is not None:
        st.caption(
            _("For the issue of {period}, data as of {day}.").format(
                period=numbers.moment(entry.period, here.language, here.zone),
                day=numbers.day(entry.as_of, here.language),
            )
        )
    _offer_files(here, issue, key)
    st.caption(_("The lines for one reader alone (to leave, to change) are not in it."))
    show_mail(letter.html, letter.pictures, letter.subject)


def _offer_files(here: Here, issue: Kept, key: str) -> None:
    with st.container(horizontal=True):
        for place, file in enumerate(issue.files):
            offer_file(
                here,
                f"{file.name} · {size_in_words(file.size, here.language)}",
                partial(_content, issue, file),
                "issue",
                {"what": key, "file": file.name},
                file_name=file.name,
                mime=file.kind,
                key=f"file-{key}-{place}",
                icon=":material/download:",
            )


def _content(issue: Kept, file: File) -> bytes:
    return b"".join(issue.pieces(file.name))
