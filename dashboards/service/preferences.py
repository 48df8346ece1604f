"""`/preferences/<token>`: a reader's own subscriptions, without a login: language, time, files, pause, end.

The link in a mail of one subscription opens those of the same address within the same account, and no past
issues. What is chosen is checked as at the command line, against the account's plan too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from connectors.errors import AssistantError, UsageError
from dashboards.service import readers
from dashboards.service.asking import Ask
from dashboards.service.page import message
from dashboards.service.preferences_form import Said, formats_of
from dashboards.service.preferences_page import shown
from dashboards.subscriptions.keeping.links import visit
from dashboards.subscriptions.readers import book
from dashboards.subscriptions.readers.wishes import Wishes
from dashboards.subscriptions.timing import clock
from dashboards.subscriptions.timing.cron import DATA
from dashboards.subscriptions.timing.spoken import in_words
from dashboards.wording import Say, say
from pipelines.section import known_timezone
from pipelines.settings import Settings
from pipelines.store import Subscription


class RefusedError(Exception):
    """A choice that cannot be made, in the reader's words; `field` is where it stands."""

    def __init__(self, field: str, *sentences: str) -> None:
        super().__init__(field)
        self.field, self.sentences = field, sentences


@dataclass(frozen=True)
class _Doing:
    """What a button does, and what is said when it is done."""

    do: Callable[[Ask, Subscription], Subscription]
    done: Callable[[Say], str]


def answer(ask: Ask) -> Response:
    settings = ask.settings
    visitor = visit(settings, "preferences", ask.token).subscription
    said = _done(ask, readers.all_of(settings, visitor)) if ask.is_post else None
    mine = readers.all_of(settings, visitor)  # as they are now
    language = next(each.language for each in mine if each.id == visitor.id)
    if ask.is_post and said is None:
        _ = say(language)
        return message(
            settings,
            language,
            _("This was not understood"),
            _("Go back, open the page again, and choose once more."),
            status=400,
        )
    return shown(settings, language, mine, said)


def _done(ask: Ask, mine: list[Subscription]) -> Said | None:
    """Does what the form asks for; None where it asks for nothing that there is, or for another's."""
    if ask.form.get("action") == "leave-all":
        for each in mine:
            readers.leave(ask.settings, each)
        _ = say(mine[0].language)
        return Said(0, "fine", (_("You have left all of them. Nothing more is sent to you."),))
    chosen = next((each for each in mine if str(each.id) == ask.form.get("subscription")), None)
    doing = _DOINGS.get(ask.form.get("action", ""))
    if chosen is None or doing is None:
        return None
    _ = say(chosen.language)
    try:
        changed = doing.do(ask, chosen)
    except RefusedError as error:
        return Said(chosen.id, "alert", error.sentences, error.field, ask.form, ask.chosen)
    except AssistantError as error:
        words = (_("This choice is not possible, so nothing was changed."), error.problem)
        return Said(chosen.id, "alert", words, "", ask.form, ask.chosen)
    return Said(chosen.id, "fine", (doing.done(say(changed.language)),))


def _save(ask: Ask, entry: Subscription) -> Subscription:
    if entry.status not in ("active", "paused"):
        raise AssistantError("Only a subscription that lasts can be changed.")
    wishes = _wishes(ask.settings, entry, ask.form, ask.chosen)
    return book.change(ask.settings, entry.id, who=readers.READER, **wishes) if wishes else entry


def _wishes(
    settings: Settings, entry: Subscription, form: Mapping[str, str], chosen: Mapping[str, list[str]]
) -> Wishes:
    """What the form says differently; raises RefusedError for what cannot be."""
    _, wishes = say(entry.language), Wishes()
    schedule = form.get("schedule", "").strip()
    if schedule and schedule != in_words(entry.schedule, entry.language):
        try:
            wishes["schedule"] = clock.check_schedule(schedule)
        except UsageError:
            raise RefusedError("schedule", _("This time was not understood."), _when(_)) from None
        if not _is_rare(wishes["schedule"]):
            raise RefusedError(
                "schedule", _("This choice is not possible, so nothing was changed."), _when(_)
            )
    timezone = form.get("timezone", "").strip()
    if timezone and timezone != entry.timezone:
        try:
            wishes["timezone"] = known_timezone(timezone)
        except ValueError:
            raise RefusedError(
                "timezone",
                _("There is no such time zone."),
                _("Write a city, such as Europe/Berlin or Asia/Shanghai."),
            ) from None
    language = form.get("language", "")
    if language and language != entry.language:
        wishes["language"] = language
    allowed = formats_of(settings, entry)
    formats = [each for each in allowed if each in chosen.get("formats", [])]
    if formats != list(entry.formats):
        wishes["formats"] = formats
    return wishes


def _is_rare(schedule: str) -> bool:
    """Whether it comes twice an hour at most: who was passed a mail on could fill its reader's mailbox."""
    minutes = schedule.partition(" ")[0].split(",")
    return schedule == DATA or (len(minutes) <= 2 and all(each.isdecimal() for each in minutes))


def _when(_: Say) -> str:
    return _("Write it like «weekdays 08:00», «mondays 07:30» or «monthly on the 1st 08:00».")


_DOINGS = {
    "save": _Doing(_save, lambda _: _("Saved.")),
    "pause": _Doing(
        lambda ask, entry: book.pause(ask.settings, entry.id, who=readers.READER),
        lambda _: _("Paused: nothing is sent until you resume it."),
    ),
    "resume": _Doing(
        lambda ask, entry: book.resume(ask.settings, entry.id, who=readers.READER),
        lambda _: _("Resumed: the next issue comes as before."),
    ),
    "leave": _Doing(
        lambda ask, entry: readers.leave(ask.settings, entry),
        lambda _: _("You have left. Nothing more of it is sent to you."),
    ),
    "return": _Doing(
        lambda ask, entry: _return(ask.settings, entry),
        lambda _: _("You get it again."),
    ),
}


def _return(settings: Settings, entry: Subscription) -> Subscription:
    if entry.status != "cancelled":
        return entry
    if not readers.may_come_back(settings, entry):
        raise AssistantError("It was ended by whoever runs this service.")
    return readers.come_back(settings, entry)
