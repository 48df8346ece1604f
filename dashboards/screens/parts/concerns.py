"""What needs attention today: at the worklist, in the newest scores, at the sources, told by the flows."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from analytics.task import Task
from dashboards import numbers
from dashboards.addresses import MODEL, QUALITY, VIEW, page_of
from dashboards.explore.view import View
from dashboards.figures import band_label
from dashboards.queries import home as queries
from dashboards.screens.domain import DomainPage
from dashboards.screens.here import Here
from dashboards.screens.parts.attention import Attention, Tone, Urgency
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.first_in_line import Morning
from dashboards.screens.parts.health import STALE
from dashboards.wording import in_language, with_commas
from dashboards.worklist.lists import Counts, Which
from pipelines.store import Notice

WORKLIST, SUBSCRIPTIONS = "worklist", "subscriptions"
WHICH = "which"  # of the worklist: its name in the address
_WORTH_TELLING = 0.005  # a smaller change of the expected loss is none


def of_work(here: Here, counts: Counts) -> Iterator[Attention]:
    """What the worklist asks for today."""
    _ = here.say

    def attention(
        number: int, urgency: Urgency, tone: Tone, which: Which, one: str, many: str
    ) -> Iterator[Attention]:
        if number:
            sentence = (one if number == 1 else many).format(items=_bold(here, number))
            yield Attention(urgency, sentence, tone, WORKLIST, ((WHICH, which),))

    yield from attention(
        counts.overdue,
        Urgency.LATE,
        "bad",
        "overdue",
        _("{items} work item is overdue."),
        _("{items} work items are overdue."),
    )
    yield from attention(
        counts.returned,
        Urgency.MOVED,
        "watch",
        "returned",
        _("{items} case that was done is back: its band rose."),
        _("{items} cases that were done are back: their band rose."),
    )
    yield from attention(
        counts.today,
        Urgency.TODAY,
        "watch",
        "today",
        _("{items} work item is due today."),
        _("{items} work items are due today."),
    )
    yield from attention(
        counts.unassigned,
        Urgency.WAITING,
        "news",
        "unassigned",
        _("{items} work item belongs to nobody."),
        _("{items} work items belong to nobody."),
    )


def of_task(here: Here, page: DomainPage, task: Task, found: Morning) -> Iterator[Attention]:
    """Who came into the highest band, who waits in it, and what it may cost."""
    _ = here.say
    title = f"**{escaped(page.title(_))}**"
    if task.bands and found.queue.open:
        band = task.bands[-1].name
        yield (
            _moved(here, page, title, band, found)
            if found.queue.moved
            else _waiting(here, page, title, band, found)
        )
    if loss := _loss(here, title, task, found):
        change, sentence = loss
        yield Attention(Urgency.LOSS, sentence, "watch" if change > 0 else "news", page.name)


def _moved(here: Here, page: DomainPage, title: str, band: str, found: Morning) -> Attention:
    _ = here.say
    task, moved, new = here.tasks[page.task], found.queue.moved, found.queue.new
    if new == moved:
        one = _("{title}: {cases} new case came into «{band}» since {day}.")
        many = _("{title}: {cases} new cases came into «{band}» since {day}.")
    else:
        one = _("{title}: {cases} case moved to «{band}» since {day}.")
        many = _("{title}: {cases} cases moved to «{band}» since {day}; {new} of them are new.")
        if new == 0:
            many = _("{title}: {cases} cases moved to «{band}» since {day}; none of them is new.")
        elif new == 1:
            many = _("{title}: {cases} cases moved to «{band}» since {day}; {new} of them is new.")
    sentence = (one if moved == 1 else many).format(
        title=title,
        cases=_bold(here, moved),
        band=_band(here, task, band),
        day=numbers.day(found.scored.before, here.language),
        new=numbers.integer(new, here.language),
    )
    view = View(work="open").choosing("band", [band]).choosing("moved", ["new", "up"])
    return Attention(Urgency.MOVED, sentence, "watch", page.name, tuple(view.address()))


def _waiting(here: Here, page: DomainPage, title: str, band: str, found: Morning) -> Attention:
    """Who stands in the band as before, or since nobody knows when."""
    _ = here.say
    one = _("{title}: {cases} case in the band «{band}» waits.")
    many = _("{title}: {cases} cases in the band «{band}» wait.")
    if found.scored.before:
        one = _("{title}: {cases} case in the band «{band}» waits, not newly.")
        many = _("{title}: {cases} cases in the band «{band}» wait, none of them newly.")
    sentence = (one if found.queue.open == 1 else many).format(
        title=title, cases=_bold(here, found.queue.open), band=_band(here, here.tasks[page.task], band)
    )
    view = View(work="open").choosing("band", [band])
    return Attention(Urgency.WAITING, sentence, "news", page.name, tuple(view.address()))


def _loss(here: Here, title: str, task: Task, found: Morning) -> tuple[float, str] | None:
    """How the expected loss changed since the scoring before, and the sentence that says it."""
    _ = here.say
    if not found.scored.loss or not found.scored.loss_before or not found.scored.before:
        return None
    change = found.scored.loss / found.scored.loss_before - 1
    if abs(change) < _WORTH_TELLING:
        return None
    rose = _("{title}: the expected loss rose by {change} to {loss} since {day}.")
    fell = _("{title}: the expected loss fell by {change} to {loss} since {day}.")
    return change, (rose if change > 0 else fell).format(
        title=title,
        change=f"**{numbers.percent(abs(change), here.language)}**",
        loss=numbers.money(found.scored.loss, task.exposure.unit if task.exposure else "", here.language),
        day=numbers.day(found.scored.before, here.language),
    )


def of_sources(here: Here) -> Iterator[Attention]:
    """The declared sources that were not loaded well for long, or never."""
    _ = here.say
    loaded, moment = here.ask(queries.sources_loaded), datetime.now(UTC)
    late = {name: loaded.get(name) for name in here.settings.sources if _is_stale(loaded.get(name), moment)}
    if len(late) == 1:
        ((name, last),) = late.items()
        days = numbers.integer((moment - last).days, here.language) if last else ""
        sentence = (
            _("The source {source} has not loaded for {days} days.")
            if last
            else _("The source {source} was never loaded.")
        )
        yield Attention(
            Urgency.STALE, sentence.format(source=f"**{escaped(name)}**", days=days), "watch", QUALITY
        )
    elif late:
        sentence = _("{sources} sources have not loaded for {days} days or longer.").format(
            sources=_bold(here, len(late)), days=numbers.integer(STALE.days, here.language)
        )
        yield Attention(
            Urgency.STALE, sentence, "watch", QUALITY, detail=with_commas(sorted(late), here.language)
        )


def of_notices(here: Here, notices: Sequence[Notice]) -> Iterator[Attention]:
    """What the flows have to tell: of each subject the newest."""
    told = {(notice.kind, notice.about): notice for notice in reversed(notices)}
    for notice in told.values():
        yield _of_notice(here, notice)


def _of_notice(here: Here, notice: Notice) -> Attention:
    _ = here.say
    sentences = {
        "load_failed": _("The load of {about} failed."),
        "schema_change": _("The source of {about} changed."),
        "flow_failed": _("The flow {about} failed."),
        "not_run": _("The flow {about} has not run."),
        "report_held": _("The report {about} is held."),
        "drift": _("The model of {about} needs a look."),
        "model_damaged": _("The model of {about} is damaged."),
    }
    urgency, tone, page = {
        "schema_change": (Urgency.STALE, "watch", QUALITY),
        "report_held": (Urgency.HELD, "watch", SUBSCRIPTIONS),
        "drift": (Urgency.HELD, "watch", ""),
    }.get(notice.kind, (Urgency.BROKEN, "bad", QUALITY if notice.kind.startswith("load") else ""))
    address: tuple[tuple[str, str], ...] = ()
    about = notice.about
    if about in here.tasks:
        page, address = page_of(about), ((VIEW, MODEL),)
        about = in_language(here.tasks[about].meaning.title, here.language)
    sentence = sentences.get(notice.kind, "{subject}").format(
        about=f"**{escaped(about)}**", subject=escaped(notice.subject)
    )
    return Attention(urgency, sentence, tone, page, address, notice.message)  # type: ignore[arg-type]


def _is_stale(last: datetime | None, moment: datetime) -> bool:
    return last is None or moment - last > STALE


def _bold(here: Here, number: int) -> str:
    return f"**{numbers.integer(number, here.language)}**"


def _band(here: Here, task: Task, band: str) -> str:
    return escaped(band_label(task, band, here.language))
