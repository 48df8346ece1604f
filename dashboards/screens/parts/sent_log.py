"""What was sent: every delivery with its state and the server's answer; what is held, failed or unclear."""

from collections.abc import Callable

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.queries import deliveries as queries
from dashboards.queries.deliveries import BOUNCED, Told, Wanted
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.archived import show_archived
from dashboards.screens.parts.delivery_words import STATES, kind_in_words, state_explained, state_in_words
from dashboards.screens.parts.export import Searched
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.paged import PAGE_SIZE, choose, choose_row, chosen, page_asked, show_pager
from dashboards.screens.parts.person import act, person
from dashboards.screens.parts.subscribers import ask_report, report_title
from dashboards.screens.parts.tests_sent import show_tests
from dashboards.subscriptions.sending.journal import Journal
from dashboards.wording import with_value
from pipelines.store import Delivery

KEY = "deliveries"
_LOOK = {
    "failed": ":red[:material/error:]",
    "unknown": ":orange[:material/help:]",
    "held": ":blue[:material/pause_circle:]",
}


def show_log(here: Here) -> None:
    """What needs somebody, filters, a page of the log, the chosen delivery; below, the tests."""
    _ = here.say
    counts = queries.states(here.store)
    if not counts:
        st.info(_("Nothing was sent yet."), icon=":material/inbox:")
        st.markdown(_("Issues leave when they are due: `sda serve` sees to it, or `sda deliver` sends now."))
        show_tests(here)
        return
    _show_what_needs_somebody(here, counts)
    wanted = _filters(here, counts)
    pager, page = page_asked(KEY, wanted)
    found = queries.count_deliveries(here.store, wanted)
    if not found:
        st.info(
            _("No delivery is like that. Take a filter away to see more."), icon=":material/filter_alt_off:"
        )
    else:
        rows = queries.deliveries(here.store, wanted, page, PAGE_SIZE)
        st.caption(
            _("Deliveries: {number}, the newest first. Choose a row to open it.").format(
                number=numbers.integer(found, here.language)
            )
        )
        choose_row(
            here,
            KEY,
            [delivery.id for delivery, _subscription in rows],
            _in_columns(here, rows),
            _("Deliveries"),
            whole=lambda: _in_columns(here, queries.deliveries(here.store, wanted, 1, found)),
            told=_told(here, wanted),
        )
        show_pager(pager, found)
    if (number := chosen(KEY)) is not None:
        _show_one(here, Journal(here.settings).show(int(number)))
    show_tests(here)


def _show_what_needs_somebody(here: Here, counts: dict[str, int]) -> None:
    _ = here.say
    words = {
        "failed": _("Failed: {number}. They did not leave; nobody tries again by itself."),
        "unknown": _("Unclear: {number}. They may have arrived or not; open each to see what to do."),
        "held": _("Held back: {number}. Open one to see why, or to send it all the same."),
    }
    found = {state: counts[state] for state in words if counts.get(state)}
    if not found:
        return
    with st.container(border=True):
        for state, number in found.items():
            told = words[state].format(number=f"**{numbers.integer(number, here.language)}**")
            st.markdown(f"{_LOOK[state]} {told}")
        if "failed" in found:
            _offer_to_resend(here, found["failed"])


def _offer_to_resend(here: Here, failed: int) -> None:
    _ = here.say
    with st.popover(_("Send the failed ones again"), icon=":material/replay:"):
        st.markdown(
            _(
                "All failed mails ({number}) leave with the next sending; unclear ones stay as they are. "
                "Put the cause right first, or they fail again."
            ).format(number=numbers.integer(failed, here.language))
        )
        if act(here, _("Yes, send them again"), key="resend-failed", icon=":material/check:", primary=True):
            _do(here, lambda: Journal(here.settings).resend_failed(person(here)))


def _filters(here: Here, counts: dict[str, int]) -> Wanted:
    _ = here.say
    with st.container(horizontal=True, vertical_alignment="bottom"):
        states = st.pills(
            _("State"),
            [state for state in STATES if state in counts],
            selection_mode="multi",
            format_func=lambda state: f"{state_in_words(here, state)} · {counts[state]}",
            key="delivery-states",
            wrap=True,
        )
        report = ask_report(here, queries.reports_delivered(here.store), "delivery-report", 230)
        address = st.text_input(
            _("Address"),
            key="delivery-address",
            type="search",
            placeholder=_("or a part of it"),
            width=220,
        )
    return Wanted(tuple(states), report, (address or "").strip())


def _told(here: Here, wanted: Wanted) -> list[str]:
    """The filters in words."""
    report = report_title(here, wanted.report) if wanted.report else ""
    return [*(state_in_words(here, state) for state in wanted.states), report, Searched(wanted.address)]


def _in_columns(here: Here, rows: list[Told]) -> pl.DataFrame:
    _ = here.say
    return pl.DataFrame(
        {
            _("State"): [state_in_words(here, _state(delivery)) for delivery, _subscription in rows],
            _("Reader"): [subscription.email for _delivery, subscription in rows],
            _("Report"): [report_title(here, subscription.report) for _delivery, subscription in rows],
            _("Due"): [delivery.period for delivery, _subscription in rows],
            _("What"): [kind_in_words(here, delivery.kind) for delivery, _subscription in rows],
            _("Answer of the server"): [delivery.answer for delivery, _subscription in rows],
            _("No."): [delivery.id for delivery, _subscription in rows],
        }
    )


def _state(delivery: Delivery) -> str:
    return BOUNCED if delivery.bounced_at and delivery.state == "sent" else delivery.state


def _show_one(here: Here, told: Told) -> None:
    _ = here.say
    delivery, subscription = told
    state = _state(delivery)
    with st.container(border=True):
        title = f"{report_title(here, subscription.report)} → {subscription.email}"
        st.markdown(f"### {escaped(with_value(title, state_in_words(here, state), here.language))}")
        st.markdown(state_explained(here, state))
        if said := [line for line in (delivery.answer, delivery.message_id) if line]:
            st.code("\n".join(said), language=None, wrap_lines=True)
        _show_facts(here, told)
        _offer(here, delivery, state)
        if delivery.issue_key and st.toggle(_("Look at the mail"), key=f"look-{delivery.id}"):
            with errors_in_words(_):
                show_archived(here, delivery.issue_key)


def _show_facts(here: Here, told: Told) -> None:
    _ = here.say
    delivery, subscription = told
    facts = {
        _("Due"): numbers.moment(delivery.period, here.language, subscription.timezone),
        _("Handed over"): numbers.moment(delivery.sent_at, here.language, here.zone),
        _("Tries"): numbers.integer(delivery.attempts, here.language),
        _("Next try"): numbers.moment(delivery.not_before, here.language, here.zone),
        _("Came back"): numbers.moment(delivery.bounced_at, here.language, here.zone),
        _("Sent although it was held, by"): delivery.released_by,
        _("Snapshot of the warehouse"): str(delivery.snapshot_id or ""),
        _("Model"): delivery.model_version,
    }
    lines = [
        f"- {name}: {escaped(value)}" for name, value in facts.items() if value and value != numbers.ABSENT
    ]
    st.markdown("\n".join(lines))


def _offer(here: Here, delivery: Delivery, state: str) -> None:
    _, key, number = here.say, f"{KEY}-{delivery.id}", delivery.id
    journal = Journal(here.settings)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if state in ("failed", "unknown"):
            with st.popover(_("Send it again"), icon=":material/replay:"):
                asked = _("It leaves with the next sending.")
                if state == "unknown":
                    asked = _("Did you ask the reader? If the mail arrived after all, they get it twice.")
                st.markdown(asked)
                if act(
                    here, _("Yes, send it again"), key=f"resend-{key}", icon=":material/check:", primary=True
                ):
                    _do(here, lambda: journal.resend(number, person(here)))
        if state == "held":
            with st.popover(_("Send it all the same"), icon=":material/lock_open:"):
                st.markdown(_("The reason above still holds. Your name stays with this issue."))
                if act(here, _("Yes, send it"), key=f"release-{key}", icon=":material/check:", primary=True):
                    _do(here, lambda: journal.release(number, person(here)))
        if st.button(_("Close"), key=f"close-{key}", icon=":material/close:"):
            choose(KEY, None)
            st.rerun()


def _do(here: Here, change: Callable[[], object]) -> None:
    with errors_in_words(here.say):
        change()
        st.rerun()
