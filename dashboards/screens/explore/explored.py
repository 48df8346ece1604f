"""What is explored: the cases of one task at one moment, as this role may use them and this view asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from analytics.task import Task
from dashboards.explore.board import Board
from dashboards.explore.cases import EVERY
from dashboards.explore.figure import Figure
from dashboards.explore.view import View
from dashboards.queries.explore_filters import Sort, readable, sort_of, unknown
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown, labels
from dashboards.wording import Say
from pipelines.access import visible_to

Answer = TypeVar("Answer")
_EVERY = tuple(Shown(name, label=label) for name, label in EVERY.items())


@dataclass(frozen=True)
class Subject:
    """What a page gives to be explored.

    `cases` is SQL that takes `$as_of`. Of its columns those are known that stand here: `entity` (whom a row
    is about), `columns` (listed unless a view asks for others), `segments` (a filter each), `more` (to be
    chosen). `codes` says their codes in words. Without `on_open` (called with an entity's identifier) the
    role sees no single case.
    """

    task: Task
    cases: str
    entity: Shown
    columns: tuple[Shown, ...] = ()
    segments: tuple[Shown, ...] = ()
    more: tuple[Shown, ...] = ()
    figures: tuple[Figure, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    outcome: Callable[[Say], str] | None = None
    on_open: Callable[[str], None] | None = None


@dataclass(frozen=True)
class Explored:
    """One drawing: the subject, its board at a moment, the view, and the moments scored (newest first).

    `view` is what the person asked for, less what this role or this board cannot answer; `asked` is the same
    for queries, with the cases of the worklist where it asks for those, and `excluded` are left out of it.
    What is the same in whatever order asks for its `filters` alone, so that one answer serves all of them.
    """

    here: Here
    subject: Subject
    board: Board
    view: View
    moments: tuple[datetime, ...]
    as_of: datetime
    asked: View
    excluded: tuple[str, ...] = ()

    @property
    def task(self) -> Task:
        return self.subject.task

    @property
    def filters(self) -> View:
        return self.asked.filters

    @property
    def before(self) -> datetime | None:
        """The moment scored before this one."""
        return next((moment for moment in self.moments if moment < self.as_of), None)

    def ask(self, query: Callable[..., Answer], *given: Any) -> Answer:
        """The answer of a query of the board, remembered for everyone."""
        return self.here.ask_board(self.board, query, *given)

    def listed(self) -> dict[str, Shown]:
        """The columns that may be listed, masked where need be: of the page, then of every prediction."""
        return listed(self.subject, self.board.schema)

    def usable(self) -> dict[str, Shown]:
        """The columns that this role sees in clear, and so may filter, sort and draw by."""
        return usable(self.here, self.subject, self.board.schema)

    def told_apart(self) -> list[str]:
        """Those of `usable` that tell groups apart, not one person from another."""
        known = self.here.contracts
        return [name for name, shown in self.usable().items() if not shown.contract_column(known).personal]

    def sort(self, column: str) -> Sort:
        """What people mean by the type of a column."""
        return sort_of(self.board.schema[column])

    def label(self, column: str) -> str:
        """What a column is called in the reader's language."""
        if column == self.subject.entity.column:
            return labels(self.here, [self.subject.entity])[column]
        return labels(self.here, [self.listed().get(column) or Shown(column)])[column]


def listed(subject: Subject, schema: Mapping[str, str]) -> dict[str, Shown]:
    """The columns of a board that may be listed, in the page's order; then those of every prediction."""
    known = (*subject.columns, *subject.segments, *subject.more, *_EVERY)
    return {
        name: next(each for each in known if each.column == name)
        for name in dict.fromkeys(each.column for each in known)
        if name in schema
    }


def usable(here: Here, subject: Subject, schema: Mapping[str, str]) -> dict[str, Shown]:
    """Those of `listed` that the role sees in clear."""
    seen, known = visible_to(here.role), here.contracts
    return {
        name: shown
        for name, shown in listed(subject, schema).items()
        if not (kind := shown.contract_column(known).personal) or kind in seen
    }


def permitted(here: Here, subject: Subject, schema: Mapping[str, str], view: View) -> tuple[View, list[str]]:
    """The view without what this role or this board cannot answer, and what was asked so: columns, and ends
    of ranges (`column: text`).

    To filter by a column or to sort by it tells of its values, so both need that the role sees them.
    """
    allowed = usable(here, subject, schema)
    wanted = [*view.filtered_columns, *([view.sort.removeprefix("-")] if view.sort else [])]
    gone = list(dict.fromkeys(column for column in wanted if column not in allowed))
    kept = view.without(*gone)
    if kept.sort.removeprefix("-") in gone:
        kept = replace(kept, sort="")
    kept, gone = readable(kept, schema), [*gone, *unknown(kept, schema)]
    if view.search and not here.sees_cases(subject.task):
        kept, gone = replace(kept, search=""), [*gone, subject.entity.column]
    can_list = listed(subject, schema)
    return replace(kept, columns=tuple(each for each in kept.columns if each in can_list)), gone
