"""The page of a reader's subscriptions: a card for each, with a form that needs no script."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import available_timezones

import htpy as h
from sqlalchemy import select
from starlette.responses import Response

from connectors.errors import AssistantError
from dashboards.numbers import moment
from dashboards.reports import cut
from dashboards.service import readers
from dashboards.service.page import note, page, whom
from dashboards.service.preferences_form import Said, form, other_actions
from dashboards.subscriptions.accounts import plans
from dashboards.subscriptions.returns import suppressions
from dashboards.subscriptions.timing import clock
from dashboards.subscriptions.timing.cron import DATA
from dashboards.wording import TAGS, Say, say
from pipelines.settings import Settings
from pipelines.store import Delivery, Store, Subscription, now


def shown(settings: Settings, language: str, mine: Sequence[Subscription], said: Said | None) -> Response:
    """The page; `said` is told at the subscription it is about."""
    _ = say(language)
    is_stopped = bool(suppressions.reason(settings, mine[0].email))
    stopped = note(
        "alert",
        _("Nothing is sent to this address at the moment: mails to it came back, or were complained about."),
        _("Write to the address below once that is put right."),
    )
    return page(
        settings,
        language,
        _("Your reports by mail"),
        h.section(".card")[
            h.h1[_("Your reports by mail")],
            h.p(".quiet")[_("Sent to {address}").format(address=whom(mine[0].email))],
            _leave_all(mine, _),
        ],
        note(said.kind, *said.sentences) if said and not said.subscription else None,
        stopped if is_stopped else None,
        (_card(settings, each, said if said and said.subscription == each.id else None) for each in mine),
        h.datalist(id="zones")[(h.option(value=zone) for zone in sorted(available_timezones()))],
        status=200 if said is None or said.kind == "fine" else 422,
    )


def _leave_all(mine: Sequence[Subscription], _: Say) -> h.Node:
    """One button for those who want nothing any more."""
    if sum(each.status != "cancelled" for each in mine) < 2:
        return None
    return h.form(method="post")[
        h.div(".actions")[
            h.button(".leave", type="submit", name="action", value="leave-all")[
                _("Unsubscribe from all of them")
            ]
        ]
    ]


def _card(settings: Settings, entry: Subscription, said: Said | None) -> h.Element:
    _ = say(entry.language)
    title = readers.title(settings, entry)
    chip, words = _state(settings, entry, _)
    return h.section(".card", id=f"s{entry.id}", lang=TAGS[entry.language])[
        note(said.kind, *said.sentences) if said else None,
        h.div(".title")[h.h2[title], h.span(class_=f"chip {chip}".strip())[words]],
        h.dl[_facts(settings, entry, _)],
        form(settings, entry, title, said) if entry.status in ("active", "paused") else None,
        other_actions(settings, entry, title, _),
    ]


def _state(settings: Settings, entry: Subscription, _: Say) -> tuple[str, str]:
    """The tone and the words of how a subscription stands."""
    if entry.status == "active":
        if _stopped_by_plan(settings, entry):
            return "watch", _("On hold")
        return ("watch", _("Held back")) if _is_held(settings, entry) else ("fine", _("Active"))
    words = {"paused": _("Paused"), "pending": _("Waits for your confirmation"), "cancelled": _("Ended")}
    return ("" if entry.status == "cancelled" else "watch", words[entry.status])


def _stopped_by_plan(settings: Settings, entry: Subscription) -> str:
    """Why the account's plan lets no issue go these days; "" where it does, or did for this period."""
    standing = plans.standing(settings, entry, now(), entry.language)
    return "" if standing.state in plans.SENT or standing.for_good else standing.why


def _coming(settings: Settings, entry: Subscription) -> datetime | None:
    try:
        return next(iter(clock.coming(settings, entry, now(), 1)), None)
    except AssistantError:  # its calendar is not in the settings any more
        return None


def _is_held(settings: Settings, entry: Subscription) -> bool:
    newest = (
        select(Delivery.state)
        .where(Delivery.subscription_id == entry.id, Delivery.kind == "issue")
        .order_by(Delivery.period.desc())
        .limit(1)
    )
    with Store(settings).session() as session:
        return session.scalars(newest).one_or_none() == "held"


def _facts(settings: Settings, entry: Subscription, _: Say) -> Iterator[h.Node]:
    if entry.status == "active":
        if entry.schedule == DATA:
            yield _fact(_("Next issue"), _("as soon as there are new data"))
        elif coming := _coming(settings, entry):
            yield _fact(_("Next issue"), moment(coming, entry.language, entry.timezone))
        if why := _stopped_by_plan(settings, entry):
            yield _fact(_("On hold"), why)
        elif _is_held(settings, entry):
            yield _fact(_("Held back"), _("The data are being looked at; it comes when they are right."))
    if entry.status == "pending":
        yield _fact(_("Still to do"), _("Open the link in the mail that asked you."))
    if told := cut.of_subscription(settings, entry, entry.language):
        yield _fact(_("Shows only"), told)


def _fact(label: str, value: str) -> h.Node:
    return h.fragment[h.dt[label], h.dd[value]]
