"""Subscribing to what a page shows, in two clicks: one button opens the form filled in, one subscribes."""

import streamlit as st

from analytics.task import Task
from connectors.errors import UsageError
from dashboards.explore.subscribed import ATTRIBUTE as VIEW
from dashboards.explore.view import View
from dashboards.explore.view_words import in_words
from dashboards.reports.declared import report_names, report_settings, title_of
from dashboards.screens.explore.address import asked
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.person import person
from dashboards.screens.parts.subscribing import readable_roles
from dashboards.subscriptions.readers import book
from dashboards.subscriptions.readers.wishes import Wishes
from dashboards.subscriptions.timing.clock import check_schedule
from dashboards.subscriptions.timing.clock import in_words as schedule_in_words
from dashboards.wording import LANGUAGES
from pipelines.mailing import ReportSettings

_SCHEDULES = ("weekdays 08:00", "every day 08:00", "mondays 08:00", "on fresh data")


def offer_subscription(here: Here, task: Task) -> None:
    """A button that opens the form; nothing where no report is about this task."""
    _ = here.say
    reports = [
        name for name in report_names(here.settings) if report_settings(here.settings, name).task == task.name
    ]
    if reports and st.button(
        _("Subscribe"), icon=":material/add_alert:", type="tertiary", key="subscribe-view"
    ):
        st.dialog(_("Get this by mail"), icon=":material/add_alert:")(_form)(here, task, reports)


def _form(here: Here, task: Task, reports: list[str]) -> None:
    _ = here.say
    view = asked()
    _say_what(here, task, view)
    report = reports[0]
    if len(reports) > 1:
        report = st.selectbox(
            _("Report"), reports, format_func=lambda name: title_of(here.settings, name, here.language)
        )
    given = report_settings(here.settings, report)
    email = st.text_input(
        _("Your address"),
        value=here.settings.owner,
        key="view-email",
        type="email",
        validate="",
        autocomplete="email",
        persist_state="session",
        placeholder="ann@example.org",
    )
    schedule = st.selectbox(
        _("When"),
        _SCHEDULES,
        format_func=lambda text: _schedule_in_words(here, text),
        key="view-schedule",
        accept_new_options=True,
        help=_("Choose one, or write another: «fridays 16:30»."),
    )
    language = st.segmented_control(
        _("Language"),
        given.languages,
        default=here.language if here.language in given.languages else given.languages[0],
        format_func=LANGUAGES.__getitem__,
        key=f"view-language-{report}",
        required=True,
    )
    always = st.toggle(_("Also when no case is like that"), key="view-always")
    if st.button(_("Subscribe"), type="primary", icon=":material/add_alert:", key="subscribe-view-now"):
        wishes: Wishes = {
            "schedule": schedule or _SCHEDULES[0],
            "language": str(language or given.languages[0]),
            "role": _role(here, given),
            "attributes": _attributes(here, view),
        }
        if not always:
            wishes["only_if"] = list(dict.fromkeys([*given.only_if, "has rows"]))
        with errors_in_words(_):
            _subscribe(here, (email or "").strip(), report, wishes)


def _say_what(here: Here, task: Task, view: View) -> None:
    """Which cases the mails will be about, and what of the page they leave out."""
    _ = here.say
    if told := in_words(here.settings, task, view, here.language):
        st.markdown(
            _("Each mail is about the cases that are like this then: **{filters}**.").format(
                filters=escaped(told)
            )
        )
    else:
        st.markdown(_("No filter is set: each mail is about all cases."))
    if view.day or view.against or view.work:
        st.caption(_("Day, comparison and worklist stay on this page: a mail is about the newest day."))


def _attributes(here: Here, view: View) -> dict[str, list[str]]:
    """The rows that the page is cut to, and the view on them."""
    rules = here.cut.rules if here.cut else ()
    attributes = {rule.parameter: list(rule.values) for rule in rules}
    if view.search or view.choices or view.ranges:
        attributes[VIEW] = [view.query()]
    return attributes


def _role(here: Here, given: ReportSettings) -> str:
    """What the report is written for, but no more than this dashboard shows itself."""
    roles = readable_roles(here)
    return given.role if given.role in roles else here.role


def _schedule_in_words(here: Here, text: str) -> str:
    try:
        return schedule_in_words(check_schedule(text), here.language)
    except UsageError:
        return text


def _subscribe(here: Here, email: str, report: str, wishes: Wishes) -> None:
    _ = here.say
    entry = book.add(here.settings, email, report, who=person(here) or email, **wishes)
    words = _("Subscription {number}: {email} gets the report from now on.")
    if entry.status == "pending":
        words = _("Subscription {number}: {email} is asked by mail first, with the next sending.")
    st.success(escaped(words.format(number=entry.id, email=entry.email)), icon=":material/check_circle:")
    st.page_link(
        here.pages["subscriptions"], label=_("Change or end it under Subscriptions"), icon=":material/mail:"
    )
