"""The filters of a view in words: what the chips say, and what an exported file is told."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from dashboards import numbers
from dashboards.domain_words import code_in_words
from dashboards.explore.view import Range, View
from dashboards.figures import band_label
from dashboards.screens.explore.explored import Explored, separated
from dashboards.screens.parts.columns import in_words
from dashboards.wording import Say

_NAMED = 3  # values of one filter that are named; further ones are counted


@dataclass(frozen=True)
class Told:
    """One filter in words, and the view without it."""

    text: str
    without: View


def filters_in_words(explored: Explored) -> list[Told]:
    """Every filter of the view, in the order of the filter bar."""
    _, view = explored.here.say, explored.view
    told = []
    if view.search:
        told.append(Told(_search(_, view.search), replace(view, search="")))
    for column, values in view.choices:
        told.append(Told(_choice(explored, column, values), view.without(column)))
    for column, wanted in view.ranges:
        told.append(Told(_range(explored, column, wanted), view.without(column)))
    if view.work:
        told.append(Told(work_in_words(_, view.work), replace(view, work="")))
    return told


def value_in_words(explored: Explored, column: str, value: str) -> str:
    """One value of a column as it is chosen: bands and codes by their words."""
    here, _ = explored.here, explored.here.say
    if value == "":
        return _("(none)")
    if column in ("band", "band_before"):
        return band_label(explored.task, value, here.language)
    if column == "moved":
        return {
            "new": _("new"),
            "up": _("moved up"),
            "down": _("moved down"),
            "same": _("same band"),
        }.get(value, value)
    if explored.sort(column) == "truth":
        return _("yes") if value.lower() == "true" else _("no")
    if explored.sort(column) in ("whole", "number"):
        return _number(explored, value)
    return code_in_words(value, explored.subject.codes)


def work_in_words(_: Say, work: str) -> str:
    """What a filter by the worklist does."""
    return {
        "open": _("without what is snoozed or done"),
        "mine": _("on my worklist"),
        "done": _("done on the worklist"),
    }[work]


def end_in_words(explored: Explored, column: str, text: str) -> str:
    """One end of a range: a number, a share, a day, a moment."""
    sort, language = explored.sort(column), explored.here.language
    try:
        if sort == "day":
            return numbers.day(datetime.fromisoformat(text), language)
        if sort == "moment":
            return (
                numbers.day(date.fromisoformat(text), language)
                if len(text) <= 10
                else in_words(explored.here, datetime.fromisoformat(text))
            )
        if is_share(explored, column):
            return numbers.percent(float(text), language)
        return _number(explored, text)
    except ValueError:
        return text


def is_share(explored: Explored, column: str) -> bool:
    """Whether a column is a chance, told in percent."""
    return column in ("score", "score_before", "lower", "upper") and explored.task.kind != "regression"


def _search(_: Say, search: str) -> str:
    if search.startswith("*"):
        return _("number with «{part}» in it").format(part=search.strip("*"))
    return _("number begins with «{part}»").format(part=search.rstrip("*"))


def _choice(explored: Explored, column: str, values: tuple[str, ...]) -> str:
    _ = explored.here.say
    named = [value_in_words(explored, column, value) for value in values[:_NAMED]]
    listed = separated(named, explored.here.language)
    if len(values) > _NAMED:
        listed = _("{listed} and {more} more").format(listed=listed, more=len(values) - _NAMED)
    return f"{explored.label(column)}: {listed}"


def _range(explored: Explored, column: str, wanted: Range) -> str:
    _, label = explored.here.say, explored.label(column)
    low, high = (end_in_words(explored, column, end) if end else "" for end in (wanted.low, wanted.high))
    if not high:
        return _("{label}: from {low}").format(label=label, low=low)
    if not low:
        return _("{label}: up to {high}").format(label=label, high=high)
    return f"{label}: {low} – {high}"


def _number(explored: Explored, text: str) -> str:
    try:
        return numbers.number(float(text), explored.here.language)
    except ValueError:
        return text
