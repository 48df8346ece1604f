"""The filters of what is explored in words: what the chips say, and what an exported file is told."""

from dataclasses import dataclass, replace

from dashboards.explore.view import View
from dashboards.explore.view_words import Words
from dashboards.screens.explore.explored import Explored
from dashboards.screens.parts.export import Searched
from dashboards.wording import Say

_NAMED = 3  # values of one filter that are named; further ones are counted


@dataclass(frozen=True)
class Told:
    """One filter in words, and the view without it."""

    text: str
    without: View


def filters_in_words(explored: Explored) -> list[Told]:
    """Every filter of the view, in the order of the filter bar."""
    _, view, words = explored.here.say, explored.view, words_of(explored)
    of_groups, told = explored.told_apart(), []
    if view.search:
        told.append(Told(Searched(words.search(view.search)), replace(view, search="")))
    for column, values in view.choices:
        text = words.choice(column, values, _NAMED)
        told.append(Told(text if column in of_groups else Searched(text), view.without(column)))
    for column, wanted in view.ranges:
        text = words.range(column, wanted)
        told.append(Told(text if column in of_groups else Searched(text), view.without(column)))
    if view.work:
        told.append(Told(work_in_words(_, view.work), replace(view, work="")))
    return told


def words_of(explored: Explored) -> Words:
    """How columns, values and ranges are said here."""
    here, codes = explored.here, explored.subject.codes
    return Words(explored.task, explored.label, codes, here.language, here.zone, explored.sort)


def value_in_words(explored: Explored, column: str, value: str) -> str:
    """One value of a column as it is chosen: bands and codes by their words."""
    return words_of(explored).value(column, value)


def end_in_words(explored: Explored, column: str, text: str) -> str:
    """One end of a range: a number, a share, a day, a moment."""
    return words_of(explored).end(column, text)


def is_share(explored: Explored, column: str) -> bool:
    """Whether a column is a chance, told in percent."""
    return words_of(explored).is_share(column)


def work_in_words(_: Say, work: str) -> str:
    """What a filter by the worklist does."""
    return {
        "open": _("without what is snoozed or done"),
        "mine": _("on my worklist"),
        "done": _("done on the worklist"),
    }[work]
