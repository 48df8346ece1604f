"""Who gets what: the subscriptions, mine or all; one of them in full, and what can be done with it."""

from collections.abc import Callable, Sequence

import polars as pl
import streamlit as st

from connectors.errors import AssistantError
from dashboards import numbers
from dashboards.explore.subscribed import ATTRIBUTE as VIEW
from dashboards.queries import deliveries as queries
from dashboards.reports import cut
from dashboards.reports.declared import title_of
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.delivery_words import role_in_words, state_in_words, status_in_words
from dashboards.screens.parts.export import Searched
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.paged import PAGE_SIZE, choose, choose_row, chosen, page_asked, show_pager
from dashboards.screens.parts.person import act, person
from dashboards.screens.parts.subscribing import FORMAT_NAMES
from dashboards.screens.parts.timing import Chosen, choose_timing, said, show_coming
from dashboards.subscriptions.readers import book
from dashboards.subscriptions.returns.suppressions import reason as why_suppressed
from dashboards.wording import LANGUAGES, with_commas, with_semicolons
from pipelines.access import visible_to
from pipelines.store import Subscription

KEY = "subscribers"
_STATUSES = ("active", "pending", "paused", "cancelled")


def show_subscribers(here: Here) -> None:
    """Filters, a page of the list, the chosen subscription below it."""
    _ = here.say
    mine, address, statuses = _filters(here)
    if mine and not address:
        st.info(_("Write your address to see what you get."), icon=":material/mail:")
        return
    pager, page = page_asked(KEY, mine, address, statuses)
    found, rows = queries.subscriptions(here.store, address, statuses, page, PAGE_SIZE, whole=mine)
    if not found:
        _say_there_are_none(here, filtered=bool(mine or address or statuses))
        return
    st.caption(
        _("Subscriptions: {number}. Choose a row to open it.").format(
            number=numbers.integer(found, here.language)
        )
    )

    def whole() -> pl.DataFrame:
        every = queries.subscriptions(here.store, address, statuses, 1, found, whole=mine)
        return _in_columns(here, every[1])

    choose_row(
        here,
        KEY,
        [row.id for row in rows],
        _in_columns(here, rows),
        _("Subscriptions"),
        whole=whole,
        told=[Searched(address), *(status_in_words(here, status) for status in statuses)],
    )
    show_pager(pager, found)
    if (number := chosen(KEY)) is not None:
        _show_one(here, int(number))


def _in_columns(here: Here, rows: Sequence[Subscription]) -> pl.DataFrame:
    _ = here.say
    return pl.DataFrame(
        {
            _("Reader"): [row.email for row in rows],
            _("Report"): [report_title(here, row.report) for row in rows],
            _("When"): [said(row.schedule, here.language) for row in rows],
            _("Which rows"): [rows_in_words(here, row) for row in rows],
            _("State"): [status_in_words(here, row.status) for row in rows],
            _("Account"): [row.account or numbers.ABSENT for row in rows],
            _("No."): [row.id for row in rows],
        }
    )


def report_title(here: Here, report: str) -> str:
    """What people call a report; its name where there is no such report any more."""
    try:
        return title_of(here.settings, report, here.language)
    except AssistantError:
        return report


def ask_report(here: Here, names: Sequence[str], key: str, width: int) -> str:
    """The one of the reports to look at that a person chooses; "" for all."""
    _ = here.say
    chosen = st.selectbox(
        _("Report"),
        names,
        index=None,
        format_func=lambda name: report_title(here, name),
        placeholder=_("all"),
        key=key,
        width=width,
    )
    return chosen or ""


def rows_in_words(here: Here, entry: Subscription) -> str:
    """The rows that a subscription is cut to. A view may filter by what its reader sees and this role not."""
    _ = here.say
    if VIEW in entry.attributes and not visible_to(entry.role) <= visible_to(here.role):
        return _("a view that your role does not see")
    return cut.of_subscription(here.settings, entry, here.language) or _("all rows")


def _filters(here: Here) -> tuple[bool, str, tuple[str, ...]]:
    _ = here.say
    with st.container(horizontal=True, vertical_alignment="bottom"):
        whose = st.segmented_control(
            _("Whose"),
            ["all", "mine"],
            default="all",
            format_func={"all": _("all"), "mine": _("mine")}.__getitem__,
            key="whose",
            required=True,
        )
        mine = whose == "mine"
        address = st.text_input(
            _("My address") if mine else _("Address"),
            value=here.settings.owner if mine else "",
            key="my-address" if mine else "any-address",
            type="email" if mine else "search",
            validate="",
            placeholder="ann@example.org" if mine else _("or a part of it"),
            persist_state="session",
            width=260,
        )
        statuses = st.pills(
            _("State"),
            _STATUSES,
            selection_mode="multi",
            format_func=lambda status: status_in_words(here, status),
            key="subscription-statuses",
            wrap=True,
        )
    return mine, (address or "").strip(), tuple(statuses)


def _say_there_are_none(here: Here, *, filtered: bool) -> None:
    _ = here.say
    if filtered:
        st.info(
            _("No subscription is like that. Take a filter away to see more."),
            icon=":material/filter_alt_off:",
        )
        return
    st.info(_("Nobody has subscribed yet."), icon=":material/inbox:")
    st.markdown(
        _(
            "Make the first one under «New subscription», name `recipients` of a report in "
            "`assistant.toml`, or bring a list with `sda subscription import FILE.csv`."
        )
    )


def _show_one(here: Here, number: int) -> None:
    _ = here.say
    entry = book.show(here.settings, number)
    with st.container(border=True):
        st.markdown(f"### {escaped(report_title(here, entry.report))} → {escaped(entry.email)}")
        if why := why_suppressed(here.settings, entry.email):
            st.warning(
                escaped(_("Nothing is sent to this address: {why}").format(why=why)), icon=":material/block:"
            )
        facts, coming = st.columns([3, 2], gap="large")
        with facts:
            _show_facts(here, entry)
            _show_newest(here, entry)
        with coming:
            st.markdown("**" + _("The next ten") + "**")
            if entry.status == "active":
                show_coming(here, entry)
            else:
                st.caption(_("Nothing comes while it is not active."))
        _offer(here, entry)


def _show_facts(here: Here, entry: Subscription) -> None:
    _ = here.say
    facts = {
        _("State"): status_in_words(here, entry.status),
        _("Which rows"): rows_in_words(here, entry),
        _("Files with the mail"): with_commas((FORMAT_NAMES[each] for each in entry.formats), here.language)
        or _("as the report has them"),
        _("Only if"): with_semicolons(entry.only_if, here.language) or _("always"),
        _("Language"): LANGUAGES.get(entry.language, entry.language),
        _("The reader sees it as"): role_in_words(here, entry.role),
        _("Account"): entry.account or _("our own house: no plan, no limits"),
        _("Since"): numbers.day(entry.created_at, here.language, here.zone),
    }
    st.markdown("\n".join(f"- {name}: **{escaped(value)}**" for name, value in facts.items()))


def _show_newest(here: Here, entry: Subscription) -> None:
    _ = here.say
    newest = queries.newest_of(here.store, entry.id)
    if not newest:
        st.caption(_("Nothing was sent yet."))
        return
    st.markdown("**" + _("Sent last") + "**")
    lines = [
        f"- {numbers.moment(each.period, here.language, entry.timezone)}: "
        f"{state_in_words(here, queries.BOUNCED if each.bounced_at and each.state == 'sent' else each.state)}"
        for each in newest
    ]
    st.markdown("\n".join(lines))


def _offer(here: Here, entry: Subscription) -> None:
    """What can be done: pause, resume, end, another time."""
    _, key = here.say, f"{KEY}-{entry.id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if entry.status == "active" and act(here, _("Pause"), key=f"pause-{key}", icon=":material/pause:"):
            _do(here, lambda: book.pause(here.settings, entry.id, who=person(here)))
        if entry.status == "paused" and act(
            here, _("Go on"), key=f"resume-{key}", icon=":material/play_arrow:"
        ):
            _do(here, lambda: book.resume(here.settings, entry.id, who=person(here)))
        if entry.status != "cancelled":
            with st.popover(_("End it"), icon=":material/cancel:"):
                st.markdown(_("The reader gets nothing more. Past issues stay in the archive."))
                if act(here, _("Yes, end it"), key=f"end-{key}", icon=":material/check:", primary=True):
                    _do(here, lambda: book.cancel(here.settings, entry.id, who=person(here)))
        if st.button(_("Close"), key=f"close-{key}", icon=":material/close:"):
            choose(KEY, None)
            st.rerun()
    if entry.status in ("active", "paused"):
        with st.expander(_("Another time"), icon=":material/schedule:"):
            _offer_another_time(here, entry, key)


def _offer_another_time(here: Here, entry: Subscription, key: str) -> None:
    _ = here.say
    before = Chosen(entry.report, entry.schedule, entry.timezone, entry.calendar, entry.on_holiday)
    timing = choose_timing(here, before, key)
    show_coming(here, timing)
    if act(here, _("Change the time"), key=f"retime-{key}", icon=":material/save:"):
        _do(
            here,
            lambda: book.change(
                here.settings,
                entry.id,
                who=person(here),
                schedule=timing.schedule,
                timezone=timing.timezone,
                calendar=timing.calendar,
                on_holiday=timing.on_holiday,
            ),
        )


def _do(here: Here, change: Callable[[], Subscription]) -> None:
    with errors_in_words(here.say):
        change()
        st.rerun()
