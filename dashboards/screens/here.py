"""Where a page stands while it is drawn: settings, language, and one snapshot of the warehouse."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from analytics.catalog import tasks
from analytics.task import Task
from dashboards.explore.board import Board, board_of, laid_out, reading_board
from dashboards.explore.board_sources import changes_until
from dashboards.explore.cases import sees_cases
from dashboards.own_bands import with_bands
from dashboards.queries.explore import BoardRead
from dashboards.queries.reading import reader
from dashboards.wording import Say, say
from pipelines.access import ACTING, visible_to
from pipelines.catalog import contracts
from pipelines.contract import Contract
from pipelines.row_cut import RowCut
from pipelines.settings import Settings
from pipelines.store import Store
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from streamlit.navigation.page import Page

Answer = TypeVar("Answer")
ANSWERS_LIVE = 300  # seconds; a new snapshot makes new answers at once
PAST_LIVES = 60  # seconds
BOARD_ANSWERS_LIVE, MOST_BOARD_ANSWERS = 1800, 3000  # a page asks for some eight, of a few rows each


@dataclass(frozen=True)
class Here:
    """One drawing of one page for one person. Everything on it is read from the same snapshot.

    With a `cut` the page shows its rows alone.
    """

    settings: Settings
    language: str
    pages: Mapping[str, "Page"] = field(default_factory=dict)
    page: str = ""  # the one that is drawn: its name in the address
    cut: RowCut | None = None

    @property
    def say(self) -> Say:
        """The `_` of this person's language."""
        return say(self.language)

    @property
    def role(self) -> str:
        return self.settings.role

    @property
    def zone(self) -> str:
        return self.settings.timezone

    @property
    def may_act(self) -> bool:
        """Whether this role looks after cases and says what became of them."""
        return self.role in ACTING

    @property
    def sees_identifiers(self) -> bool:
        """Whether this role may tell one person from another by number."""
        return "identifier" in visible_to(self.role)

    def sees_cases(self, task: Task) -> bool:
        """Whether this role may tell the cases of a task apart, and so search by them and open one."""
        return sees_cases(self.settings, task, self.role)

    @cached_property
    def tasks(self) -> dict[str, Task]:
        """Every task, with the bands that its scores are told by."""
        return {name: with_bands(self.settings, task) for name, task in tasks(self.settings).items()}

    @cached_property
    def contracts(self) -> dict[str, Contract]:
        """Every contract by the name of its table, as their files stand while the page is drawn."""
        return contracts(self.settings)

    @cached_property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.settings)

    @cached_property
    def store(self) -> Store:
        return Store(self.settings)

    @cached_property
    def snapshot(self) -> int:
        return self.warehouse.snapshot()

    def cut_to(self, cut: RowCut | None) -> "Here":
        """The same drawing, of the rows of `cut`."""
        there = replace(self, cut=cut)
        vars(there)["snapshot"] = self.snapshot
        return there

    def ask(self, query: Callable[..., Answer], *given: Any) -> Answer:
        """The answer of `query(read, *given)` on this snapshot, remembered for everyone who asks the same."""
        return self._answer(self.cut, query, given, (self.snapshot,))

    def ask_of_the_past(self, query: Callable[..., Answer], *given: Any, tables: Collection[str]) -> Answer:
        """What `ask` gives, of what a load hardly changes: however often the `tables` that the query reads
        do, it is asked anew once a minute.
        """
        if self.cut or not tables:
            return self.ask(query, *given)
        state = _held(str(self.settings.home), tuple(sorted(tables)), lambda: self._state_of(tables))
        return self._answer(None, query, given, state)

    def ask_of_all(self, query: Callable[..., Answer], *given: Any, tables: Collection[str] = ()) -> Answer:
        """The answer on all rows: for what is said of a task as such, like the moments it was scored for.

        With the `tables` that the query reads, all of them, it is remembered until one of these changes: a
        load into another table makes nobody wait.
        """
        return self._answer(None, query, given, self._state_of(tables))

    def board(self, task: Task, cases_sql: str, as_of: datetime, *, wait: bool = False) -> Board:
        """The cases of a page's SQL (it takes `$as_of`) as a table that answers at once; see `board_of`."""
        return board_of(
            self.settings, task, cases_sql, as_of, snapshot=self.snapshot, cut=self.cut, wait=wait
        )

    def board_laid_out(self, task: Task, cases_sql: str, as_of: datetime) -> Board | None:
        """The same as it was made last, if ever it was: for what is not worth waiting for."""
        return laid_out(self.settings, task, cases_sql, as_of, self.cut)

    def ask_board(self, board: Board, query: Callable[..., Answer], *given: Any) -> Answer:
        """The answer of `query(read, *given)` where `cases` is the board, remembered for everyone."""
        key = (query.__module__, query.__qualname__, str(self.settings.home), board.key, repr(given))

        def answer() -> Answer:
            with reading_board(self.settings, board) as connection:
                return query(BoardRead(connection, board.schema), *given)

        remembered: Answer = _remembered_of_boards(key, answer)
        return remembered

    def _answer(
        self,
        cut: RowCut | None,
        query: Callable[..., Answer],
        given: tuple[Any, ...],
        state: tuple[int, ...],
    ) -> Answer:
        home, digest = self.settings, cut.digest if cut else ""
        key = (
            query.__module__,
            query.__qualname__,
            str(home.home),
            home.catalog,
            home.storage,
            digest,
            repr(given),
        )

        def answer() -> Answer:
            with self.warehouse.reading(self.snapshot, cut) as connection:
                return query(reader(connection), *given)

        remembered: Answer = _remembered(key, (self.snapshot,) if cut else state, answer)
        return remembered

    def _state_of(self, tables: Collection[str]) -> tuple[int, ...]:
        """When each of the tables changed last, 0 for one that there is not; of all together the snapshot."""
        if not tables:
            return (self.snapshot,)
        changed = changes_until(self.settings, self.warehouse, self.snapshot)
        return tuple(changed.get(table, 0) for table in sorted(tables))


@st.cache_data(ttl=ANSWERS_LIVE, max_entries=500, show_spinner=False)
def _remembered(key: tuple[str, ...], state: tuple[int, ...], _answer: Callable[[], Any]) -> Any:  # noqa: ARG001
    """`key` and the `state` of the data are what the answer is remembered by."""
    return _answer()


@st.cache_data(ttl=PAST_LIVES, max_entries=100, show_spinner=False)
def _held(home: str, tables: tuple[str, ...], _state: Callable[[], tuple[int, ...]]) -> tuple[int, ...]:  # noqa: ARG001
    return _state()


@st.cache_data(ttl=BOARD_ANSWERS_LIVE, max_entries=MOST_BOARD_ANSWERS, show_spinner=False)
def _remembered_of_boards(key: tuple[str, ...], _answer: Callable[[], Any]) -> Any:  # noqa: ARG001
    """The key of a board names its content, so that what was answered stays right."""
    return _answer()
