"""What a subscription would bring: the mail, the first page of its PDF, and a test of it by mail."""

import streamlit as st

from dashboards.reports.enclosed import size_in_words
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.mail_frame import show_mail
from dashboards.screens.parts.person import act, person
from dashboards.subscriptions.sending.specimen import Specimen, send_test, specimen
from dashboards.subscriptions.sending.transport import Outcome
from dashboards.wording import with_commas
from pipelines.store import Subscription

_MADE, _TESTED = "specimen", "specimen-tested"  # what the session remembers


def offer_specimen(here: Here, entry: Subscription | None) -> None:
    """The buttons, and below them what was made last; `entry` is None while the choice is not complete."""
    _ = here.say
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.button(_("Preview"), key="preview", icon=":material/visibility:", disabled=entry is None)
        tested = entry is not None and act(
            here, _("Send a test to this address"), key="send-test", icon=":material/outgoing_mail:"
        )
    # Places of their own: what appears in one must not move the other, or the browser draws it anew.
    told, shown = st.container(), st.container()
    if entry is None:
        return
    stamp = _stamp(here, entry)
    with told, errors_in_words(_):
        if wanted:
            with st.spinner(_("Writing the report…")):
                st.session_state[_MADE] = (stamp, specimen(here.settings, entry))
        if tested:
            with st.spinner(_("Sending…")):
                st.session_state[_TESTED] = (stamp, send_test(here.settings, entry, person(here)))
        if (sent := st.session_state.get(_TESTED)) and sent[0] == stamp:
            _say_what_came_of_it(here, entry, sent[1])
    with shown:
        if made := st.session_state.get(_MADE):
            if made[0] != stamp:
                st.caption(_("The choice is another one now: make the preview again."))
            else:
                _show(here, made[1])


def _stamp(here: Here, entry: Subscription) -> tuple[str, ...]:
    """What the preview depends on."""
    names = ("email", "report", "account", "language", "timezone", "role", "cut", "formats")
    return (str(here.snapshot), *(str(getattr(entry, name)) for name in names))


def _show(here: Here, made: Specimen) -> None:
    _ = here.say
    issue = made.issue
    mail, page = st.tabs([_("The mail"), _("First page of the PDF")])
    with mail:
        named = (f"{file.name} ({size_in_words(file.size, here.language)})" for file in issue.files)
        files = with_commas(named, here.language)
        st.caption(escaped(_("Files: {files}").format(files=files)) if files else _("No files."))
        show_mail(issue.html, {name: p.png for name, p in issue.pictures.items()}, _("The mail"))
    with page:
        st.image(made.first_page, width=640)


def _say_what_came_of_it(here: Here, entry: Subscription, outcome: Outcome) -> None:
    _ = here.say
    if outcome.fate == "sent":
        words = _("The test for {email} was taken: {answer}")
        st.success(
            escaped(words.format(email=entry.email, answer=outcome.answer)), icon=":material/mark_email_read:"
        )
    else:
        words = _("The test for {email} did not leave: {answer}")
        st.error(escaped(words.format(email=entry.email, answer=outcome.answer)), icon=":material/error:")
