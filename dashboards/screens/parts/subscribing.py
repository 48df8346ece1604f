"""A new subscription: who gets what, of which rows, when and how; what it looks like; a test of it."""

from dataclasses import dataclass

import streamlit as st

from connectors.errors import UsageError
from dashboards import refusals
from dashboards.explore.subscribed import ATTRIBUTE as VIEW
from dashboards.queries.parameters import values_of
from dashboards.reports.declared import report_names, report_settings, title_of
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.delivery_words import role_in_words
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.person import act, person
from dashboards.screens.parts.specimens import offer_specimen
from dashboards.screens.parts.timing import Chosen, choose_timing, show_coming
from dashboards.screens.parts.view_choosing import choose_saved_view
from dashboards.subscriptions.accounts import limits
from dashboards.subscriptions.accounts.plans import standing
from dashboards.subscriptions.readers import book
from dashboards.subscriptions.readers.wishes import FORMATS, Wishes, checked
from dashboards.wording import LANGUAGES, in_language
from pipelines.access import ROLES, visible_to
from pipelines.catalog import contracts
from pipelines.mailing import ReportSettings
from pipelines.store import Subscription, now

_MOST_VALUES = 500
_ADDED = "subscription-added"
FORMAT_NAMES = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV"}
_CONDITIONS = ("has rows", "changed", "urgent > 0")


@dataclass(frozen=True)
class _Draft:
    """What was filled in so far."""

    email: str
    report: str
    wishes: Wishes


def show_new(here: Here) -> None:
    """The form, the coming moments beside it, the preview below."""
    _ = here.say
    st.caption(_("One report to one address. Look at the preview, send yourself a test, then subscribe."))
    fields, beside = st.columns([3, 2], gap="large")
    with fields:
        draft, timing = _fields(here)
    with beside:
        st.markdown("### " + _("The next ten"))
        show_coming(here, timing)
    with st.container():  # a place of its own: see `specimens`
        entry = _entry(here, draft)
    offer_specimen(here, entry)
    st.divider()
    if entry is None:
        st.caption(_("To subscribe, write the reader's address."))
    elif act(here, _("Subscribe"), key="subscribe", icon=":material/add_alert:", primary=True):
        st.session_state.pop(_ADDED, None)
        with errors_in_words(_):
            _subscribe(here, draft)
    whose, told = st.session_state.get(_ADDED, ("", ""))
    if whose == (draft.email, draft.report):  # until another one is begun
        st.success(escaped(told), icon=":material/check_circle:")


def readable_roles(here: Here) -> list[str]:
    """The roles that see no more than this dashboard's."""
    return [role for role in ROLES if visible_to(role) <= visible_to(here.role)]


def _fields(here: Here) -> tuple[_Draft, Chosen]:
    _, settings = here.say, here.settings
    report = st.selectbox(
        _("Report"),
        report_names(settings),
        format_func=lambda name: title_of(settings, name, here.language),
        key="new-report",
    )
    given = report_settings(settings, report)
    email = st.text_input(
        _("Address of the reader"),
        key="new-email",
        type="email",
        live=True,
        validate="",  # the browser would keep back what is wrong, and with it the word that it is
        placeholder="ann@example.org",
    )
    account = _account(here, given)
    zone = given.timezone or settings.timezone
    before = Chosen(report, given.schedule, zone, given.calendar, given.on_holiday)
    timing = choose_timing(here, before, f"new-{report}")
    language, role = _for_whom(here, report, given)
    formats = _formats(here, report, account, given)
    attributes, only_if = _limits(here, report, given)
    wishes: Wishes = {
        "account": account,
        "schedule": timing.schedule,
        "timezone": timing.timezone,
        "language": language,
        "formats": formats,
        "role": role,
        "attributes": attributes,
        "calendar": timing.calendar,
        "on_holiday": timing.on_holiday,
        "only_if": only_if,
    }
    return _Draft((email or "").strip(), report, wishes), timing


def _limits(here: Here, report: str, given: ReportSettings) -> tuple[dict[str, list[str]], list[str]]:
    """Which rows, and on which conditions: folded away, for most want all of it always."""
    _ = here.say
    with st.expander(_("Only some rows, only sometimes"), icon=":material/filter_alt:"):
        attributes = _rows(here, report, given)
        only_if = st.multiselect(
            _("Only if"),
            list(dict.fromkeys([*_CONDITIONS, *given.only_if])),
            default=given.only_if,
            key=f"new-only-{report}",
            accept_new_options=True,
            placeholder=_("always"),
            help=_(
                "«has rows», «changed» since the last issue, or a figure such as «urgent > 10»: "
                "all must hold."
            ),
        )
    return attributes, only_if


def _account(here: Here, given: ReportSettings) -> str:
    """Whose subscription it is; nothing is asked where there are no accounts."""
    _, accounts = here.say, here.settings.accounts
    if given.account or not accounts:
        return given.account
    names = {name: account.title or name for name, account in accounts.items()}
    chosen = st.selectbox(
        _("Account"),
        ["", *names],
        format_func=lambda name: names.get(name, _("our own house: no plan, no limits")),
        key="new-account",
    )
    return str(chosen or "")


def _rows(here: Here, report: str, given: ReportSettings) -> dict[str, list[str]]:
    """Which rows: values of each parameter of the report, a saved view. Nothing chosen: all rows."""
    from analytics.row_cuts import label_of

    _ = here.say
    chosen = {}
    for name, reference in given.parameters.items():
        label = in_language(label_of(here.settings, name, reference), here.language) or name
        values = st.multiselect(
            _("Only the rows of: {what}").format(what=label),
            _values(here, reference),
            key=f"new-{report}-{name}",
            accept_new_options=True,
            placeholder=_("all rows"),
        )
        if values:
            chosen[name] = [str(each) for each in values]
    if view := choose_saved_view(here, report, given):
        chosen[VIEW] = [view]
    return chosen


def _values(here: Here, reference: str) -> list[str]:
    """What can be chosen from; none where this role may not see them listed."""
    table, _, column = reference.rpartition(".")
    contract = contracts(here.settings).get(table)
    if contract and column in contract.names:
        kind = contract.column(column).personal
        if kind and kind not in visible_to(here.role):
            return []
    return here.ask(values_of, reference, _MOST_VALUES)


def _formats(here: Here, report: str, account: str, given: ReportSettings) -> list[str]:
    _ = here.say
    allowed = list(FORMATS)
    if account:
        plan = standing(here.settings, Subscription(account=account, email="", report=report), now()).plan
        allowed = [each for each in FORMATS if plan is None or each in plan.formats]
    if not allowed:
        st.caption(_("The plan of this account has no files with the mail."))
        return []
    return st.pills(
        _("Files with the mail"),
        allowed,
        selection_mode="multi",
        default=[each for each in given.attachments if each in allowed],
        format_func=FORMAT_NAMES.__getitem__,
        key=f"new-formats-{report}-{account}",
        wrap=True,
    )


def _for_whom(here: Here, report: str, given: ReportSettings) -> tuple[str, str]:
    _ = here.say
    left, right = st.columns([2, 3])
    language = left.segmented_control(
        _("Language"),
        given.languages,
        default=here.language if here.language in given.languages else given.languages[0],
        format_func=LANGUAGES.__getitem__,
        key=f"new-language-{report}",
        required=True,
    )
    roles = readable_roles(here)
    role = right.selectbox(
        _("The reader sees it as"),
        roles,
        index=roles.index(given.role) if given.role in roles else 0,
        format_func=lambda name: role_in_words(here, name),
        key=f"new-role-{report}",
        help=_("Nobody can be given more than this dashboard shows itself."),
    )
    return str(language or given.languages[0]), str(role)


def _entry(here: Here, draft: _Draft) -> Subscription | None:
    """The subscription that would be made; None while something is missing or wrong, which is said."""
    if not draft.email:
        return None
    try:
        entry = checked(here.settings, draft.email, draft.report, draft.wishes)
        limits.check_wish(here.settings, entry)
    except UsageError as error:
        st.warning(escaped(refusals.in_words(error.problem, here.say)), icon=":material/edit:")
        st.caption(escaped(refusals.in_words(error.remedy, here.say)))
        return None
    return entry


def _subscribe(here: Here, draft: _Draft) -> None:
    _ = here.say
    entry = book.add(here.settings, draft.email, draft.report, who=person(here), **draft.wishes)
    words = _("Subscription {number}: {email} gets the report from now on.")
    if entry.status == "pending":
        words = _("Subscription {number}: {email} is asked by mail first, with the next sending.")
    told = words.format(number=entry.id, email=entry.email)
    st.session_state[_ADDED] = ((draft.email, draft.report), told)
