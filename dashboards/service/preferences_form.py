"""The form of one subscription on the page of preferences, and the buttons beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import htpy as h

from dashboards.service import readers
from dashboards.subscriptions.accounts import plans
from dashboards.subscriptions.readers.wishes import FORMATS
from dashboards.subscriptions.timing.spoken import in_words
from dashboards.wording import LANGUAGES, Say, say
from pipelines.mailing import ReportSettings
from pipelines.settings import Settings
from pipelines.store import Subscription, now

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


def formats_of(settings: Settings, entry: Subscription) -> list[str]:
    """The files that may come with its mails: all, or those of the account's plan."""
    plan = plans.standing(settings, entry, now()).plan
    return [each for each in FORMATS if plan is None or each in plan.formats]


def form(settings: Settings, entry: Subscription, title: str, said: Said | None) -> h.Element:
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
            h.button(
                ".main", type="submit", name="action", value="save", aria_label=_("Save") + f": {title}"
            )[_("Save")]
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


def other_actions(settings: Settings, entry: Subscription, title: str, _: Say) -> h.Node:
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
