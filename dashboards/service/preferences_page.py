"""The page of a reader's subscriptions: a card for each, with a form that needs no script."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import available_timezones

import htpy as h
from sqlalchemy import select
from starlette.responses import Response

from dashboards.numbers import moment
from dashboards.service import readers
from dashboards.service.page import note, page, whom
from dashboards.subscriptions import clock, plans, suppressions
from dashboards.subscriptions.cron import DATA
from dashboards.subscriptions.spoken import in_words
from dashboards.subscriptions.wishes import FORMATS
from dashboards.wording import LANGUAGES, Say, say
from pipelines.mailing import ReportSettings
from pipelines.settings import Settings
from pipelines.store import Delivery, Store, Subscription, now

_FORMAT_WORDS = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV"}


@dataclass(frozen=True)
class Said:
    """What became of a choice, shown at its subscription (0: at the top).

    Where it failed, what had been typed stays.
    """

    subscription: int
    kind: str  # fine | alert
    sentences: Sequence[str]
    at_field: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, list[str]] = field(default_factory=dict)


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


def formats_of(settings: Settings, entry: Subscription) -> list[str]:
    """The files that may come with its mails: all, or those of the account's plan."""
    plan = plans.standing(settings, entry, now()).plan
    return [each for each in FORMATS if plan is None or each in plan.formats]


def _card(settings: Settings, entry: Subscription, said: Said | None) -> h.Element:
    _ = say(entry.language)
    title = readers.title(settings, entry)
    chip, words = _state(settings, entry, _)
    return h.section(".card", id=f"s{entry.id}", lang={"en": "en", "zh": "zh-Hans"}[entry.language])[
        note(said.kind, *said.sentences) if said else None,
        h.div(".title")[h.h2[title], h.span(class_=f"chip {chip}".strip())[words]],
        h.dl[_facts(settings, entry, _)],
        _form(settings, entry, title, said) if entry.status in ("active", "paused") else None,
        _other_actions(settings, entry, title, _),
    ]


def _state(settings: Settings, entry: Subscription, _: Say) -> tuple[str, str]:
    """The tone and the words of how a subscription stands."""
    if entry.status == "active":
        return ("watch", _("Held back")) if _is_held(settings, entry) else ("fine", _("Active"))
    words = {"paused": _("Paused"), "pending": _("Waits for your confirmation"), "cancelled": _("Ended")}
    return ("" if entry.status == "cancelled" else "watch", words[entry.status])


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
        elif coming := clock.coming(settings, entry, now(), 1):
            yield _fact(_("Next issue"), moment(coming[0], entry.language, entry.timezone))
        if _is_held(settings, entry):
            yield _fact(_("Held back"), _("The data are being looked at; it comes when they are right."))
    if entry.status == "pending":
        yield _fact(_("Still to do"), _("Open the link in the mail that asked you."))
    for name, values in entry.attributes.items():
        listed = [values] if isinstance(values, str) else values
        yield _fact(_("Shows only"), f"{name}: {', '.join(listed)}")


def _fact(label: str, value: str) -> h.Node:
    return h.fragment[h.dt[label], h.dd[value]]


def _form(settings: Settings, entry: Subscription, title: str, said: Said | None) -> h.Element:
    _ = say(entry.language)
    typed = said.typed if said and said.kind == "alert" else {}
    formats = (said.chosen.get("formats", []) if typed and said else None) or entry.formats
    wrong = said.at_field if said else ""
    return h.form(method="post", action=f"#s{entry.id}", aria_label=title)[
        h.input(type="hidden", name="subscription", value=str(entry.id)),
        h.div(".grid")[
            _text(
                entry,
                "schedule",
                _("When"),
                typed.get("schedule", in_words(entry.schedule, entry.language)),
                hint=_("Such as «weekdays 08:00», «mondays 07:30», «first business day 08:00»."),
                is_wrong=wrong == "schedule",
            ),
            _text(
                entry,
                "timezone",
                _("Time zone"),
                typed.get("timezone", entry.timezone),
                hint=_("Such as Europe/Berlin or Asia/Shanghai."),
                is_wrong=wrong == "timezone",
                suggestions="zones",
            ),
            _languages(settings, entry, typed.get("language", entry.language), _),
            _files(settings, entry, formats, _),
        ],
        h.div(".actions")[
            h.button(".main", type="submit", name="action", value="save", aria_label=f"{_('Save')}: {title}")[
                _("Save")
            ]
        ],
    ]


def _text(
    entry: Subscription,
    name: str,
    label: str,
    value: str,
    *,
    hint: str,
    is_wrong: bool,
    suggestions: str | None = None,
) -> h.Element:
    place = f"{name}-{entry.id}"
    return h.div[
        h.label(for_=place)[label],
        h.input(
            id=place,
            type="text",
            name=name,
            value=value,
            list=suggestions,
            maxlength="200",
            autocomplete="off",
            aria_describedby=f"{place}-hint",
            aria_invalid="true" if is_wrong else None,
        ),
        h.p(".hint", id=f"{place}-hint")[hint],
    ]


def _languages(settings: Settings, entry: Subscription, chosen: str, _: Say) -> h.Element:
    offered = (settings.reports.get(entry.report) or ReportSettings()).languages
    place = f"language-{entry.id}"
    return h.div[
        h.label(for_=place)[_("Language")],
        h.select(id=place, name="language")[
            (
                h.option(value=each, selected=each == chosen, lang=each)[LANGUAGES[each]]
                for each in dict.fromkeys([entry.language, *offered])
            )
        ],
    ]


def _files(settings: Settings, entry: Subscription, chosen: Sequence[str], _: Say) -> h.Element:
    return h.fieldset[
        h.legend[_("Files that come with it")],
        h.div(".choices")[
            (
                h.label[
                    h.input(type="checkbox", name="formats", value=each, checked=each in chosen),
                    _FORMAT_WORDS[each],
                ]
                for each in formats_of(settings, entry)
            )
        ],
        h.p(".hint")[_("None chosen: those the report comes with.")],
    ]


def _other_actions(settings: Settings, entry: Subscription, title: str, _: Say) -> h.Node:
    """Buttons beside the form: pause, go on, leave, come back."""
    offered: list[tuple[str, str, str]] = []
    if entry.status == "active":
        offered.append(("pause", _("Pause"), ""))
    if entry.status == "paused":
        offered.append(("resume", _("Resume"), ""))
    if entry.status != "cancelled":
        offered.append(("leave", _("Unsubscribe"), "leave"))
    elif readers.may_come_back(settings, entry):
        offered.append(("return", _("Subscribe again"), ""))
    if not offered:
        return h.p(".quiet")[_("It was ended by whoever runs this service.")]
    return h.form(".beside", method="post", action=f"#s{entry.id}")[
        h.input(type="hidden", name="subscription", value=str(entry.id)),
        h.div(".actions")[
            (
                h.button(
                    class_=kind or None,
                    type="submit",
                    name="action",
                    value=action,
                    aria_label=f"{words}: {title}",
                )[words]
                for action, words, kind in offered
            )
        ],
    ]
