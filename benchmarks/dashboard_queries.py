"""The questions of a page, asked of a board, and beside them the same SQL in bare DuckDB over its file."""

import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import duckdb
import polars as pl

from analytics.task import Task
from benchmarks.dashboard_data import CITIES, DAYS
from dashboards.explore import board_files
from dashboards.explore.board import Board, board_of, reading_board
from dashboards.explore.cases import cases_sql
from dashboards.explore.view import View, view_of
from dashboards.queries import explore
from dashboards.queries.explore_figures import added_up
from dashboards.queries.reading import Read, reader
from pipelines.finance.contracts import EMPLOYMENT, PURPOSES
from pipelines.queries import exact_mean, exact_sum
from pipelines.records import quoted_column
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

COLUMNS = (
    "entity_id", "score", "band", "reasons", "moved", "expected_loss", "customer_id", "full_name", "amount",
    "currency", "term_months", "purpose", "applied_at",
)  # fmt: skip
SIZE = 20
FIGURES = (
    ("cases", "count(*)"),
    ("amount", exact_sum("amount_eur")),
    ("expected_loss", exact_sum("expected_loss")),
    ("mean_score", exact_mean("score")),
)
Ask = Callable[[Read], Any]
NEWEST = datetime.fromisoformat(DAYS[-1])


def board_figures(settings: Settings, task: Task) -> dict[str, Any]:
    """Seconds to make the board of the newest scores, and its bytes."""
    began = time.perf_counter()
    board = _board(settings, task)
    seconds = time.perf_counter() - began
    path = board_files.path_of(settings, board.key)
    return {"made_seconds": round(seconds, 1), "bytes": path.stat().st_size, "columns": len(board.schema)}


def query_figures(settings: Settings, task: Task, varied: int) -> dict[str, Any]:
    """Of each kind, over `varied` different questions: milliseconds, and how many times bare DuckDB."""
    board = _board(settings, task)
    path = board_files.path_of(settings, board.key)
    told: dict[str, Any] = {}
    with (
        reading_board(settings, board) as connection,
        duckdb.connect(config={"threads": settings.threads, "memory_limit": settings.memory}) as bare,
    ):
        bare.execute(f"ATTACH '{path}' AS board (READ_ONLY)")
        bare.execute("USE board")
        read = explore.BoardRead(connection, board.schema)
        for kind, asks in _questions(read, random.Random(7), varied).items():
            told[kind] = _beside(read, bare, asks)
    told["list_without_a_board"] = _without(settings, task)
    return told


def _board(settings: Settings, task: Task) -> Board:
    return board_of(settings, task, cases_sql(task), NEWEST, wait=True)


def _questions(read: Read, chance: random.Random, varied: int) -> dict[str, list[Ask]]:
    views = list(_views(chance, varied))
    sorts = [
        sign + column for column in ("amount", "applied_at", "full_name", "city", "upper") for sign in "+-"
    ]
    orders = [
        view_of(
            f"sort={chance.choice(sorts).removeprefix('+')}&f.channel={chance.choice(('branch', 'online'))}"
        )
        for _ in range(varied)
    ]
    cases = explore.count(read, View())
    digits = [f"{chance.randrange(cases):08d}" for _ in range(varied)]
    return {
        "equality": [_page(view) for view in views],
        "prefix": [_page(View(search=f"L{each[: chance.randint(3, 8)]}")) for each in digits],
        "sort": [_page(view) for view in orders],
        "deep_paging": [_deep(read, view, chance.randrange(cases)) for view in (*orders[::2], *views[::2])],
        "count": [partial(explore.count, view=view) for view in views],
        "cross_filter": [_chart(view, chance) for view in views],
        "figures": [partial(added_up, view=view, aggregates=FIGURES) for view in views],
        # So few cases hold six given digits that all must be looked through.
        "substring": [_page(View(search=f"*{each[-6:]}")) for each in digits],
    }


def _views(chance: random.Random, varied: int) -> Iterator[View]:
    """Filters by one to three columns, of all widths."""
    for _ in range(varied):
        filters = [
            f"f.purpose={chance.choice(PURPOSES)}",
            f"f.employment={chance.choice(EMPLOYMENT)}&f.employment={chance.choice(EMPLOYMENT)}",
            f"f.band={chance.choice(('low', 'moderate', 'high', 'very high'))}",
            f"f.city=City {chance.randrange(CITIES)}",
            f"r.amount={chance.randrange(500, 20_000)}..{chance.randrange(20_000, 40_000)}",
            f"r.applied_at=2026-0{chance.randint(7, 9)}-01..2026-10-{chance.randint(10, 28)}",
        ]
        yield view_of("&".join(chance.sample(filters, chance.randint(1, 3))))


def _page(view: View) -> Ask:
    return lambda read: explore.page(read, view, COLUMNS, SIZE)


def _deep(read: Read, view: View, row: int) -> Ask:
    """The page behind any case of the board, as if every page before it had been turned."""
    by = quoted_column((view.sort or "score").removeprefix("-"))
    sql = f"SELECT CAST({by} AS VARCHAR), entity_id, rowid FROM cases WHERE rowid = $row"
    after = explore.After(*read(sql, {"row": row}).row(0))
    return lambda read: explore.page(read, view, COLUMNS, SIZE, (), after)


def _chart(view: View, chance: random.Random) -> Ask:
    column = chance.choice(("band", "purpose", "city", "channel", "score", "amount", "applied_at"))
    if column in ("score", "amount", "applied_at"):
        return lambda read: explore.histogram(read, view, column)
    return lambda read: explore.by_value(read, view, column)


def _beside(
    read: explore.BoardRead, bare: duckdb.DuckDBPyConnection, asks: Sequence[Ask]
) -> dict[str, float]:
    """Each question as the page asks it, then its statements alone."""
    ours, alone = [], []
    for ask in asks:
        noted = _Noted(read.connection, read.schema)
        ask(noted)  # what is asked first brings its blocks into memory, for both
        ours.append(_seconds(partial(ask, read)))
        alone.append(_seconds(partial(_run, bare, noted.statements)))
    return spread(ours) | {
        "bare_median_ms": _ms(statistics.median(alone)),
        "times_bare": round(statistics.median(ours) / statistics.median(alone), 2),
    }


@dataclass(frozen=True)
class _Noted(explore.BoardRead):
    """Queries on a board, with every statement written down."""

    statements: list[tuple[str, Any]] = field(default_factory=list)

    def __call__(self, sql: str, parameters: Any) -> pl.DataFrame:
        self.statements.append((sql, parameters))
        return super().__call__(sql, parameters)


def _run(bare: duckdb.DuckDBPyConnection, statements: Sequence[tuple[str, Any]]) -> None:
    for sql, parameters in statements:
        bare.execute(sql, parameters).pl()


def _without(settings: Settings, task: Task) -> dict[str, float]:
    """The first page of the list, asked of the lake itself: every join anew. Few times, for it is slow."""
    columns = ", ".join(COLUMNS).replace("moved, ", "")
    sql = f"SELECT {columns} FROM ({cases_sql(task)}) ORDER BY score DESC, entity_id LIMIT {SIZE}"
    warehouse = Warehouse(settings)
    with warehouse.reading() as connection:
        return spread([_seconds(lambda: reader(connection)(sql, {"as_of": NEWEST})) for _ in range(3)])


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and greatest, in milliseconds, and of how many."""
    ranked = sorted(seconds)
    place = min(len(ranked) - 1, int(0.95 * len(ranked)))
    return {
        "median_ms": _ms(statistics.median(ranked)),
        "p95_ms": _ms(ranked[place]),
        "max_ms": _ms(ranked[-1]),
        "asked": len(ranked),
    }


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
