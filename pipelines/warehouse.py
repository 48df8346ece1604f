"""The lakehouse: DuckDB with DuckLake. Readers see one snapshot; writers queue and commit one transaction.

DuckLake with a SQLite catalog (in WAL mode) lets many processes read while one writes, but two commits at
once fail with «database is locked». So every write goes through `Warehouse.write`, which serialises the
writers of this machine with a file lock and retries the rare conflict that is left (other machines on
PostgreSQL).
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import duckdb
import polars as pl
from filelock import FileLock
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from connectors.errors import AssistantError
from pipelines.queries import literal
from pipelines.row_cut import RowCut
from pipelines.settings import Settings, writable_home

Parameters = Sequence[Any] | Mapping[str, Any] | None
T = TypeVar("T")

_MOST_WAITING = 16  # snapshots that nobody reads, while others are read without end
_CONFLICTS = (
    "database is locked",
    "Transaction conflict",
    "Failed to commit DuckLake",
    "could not serialize",
    "__ducklake_metadata_lake_at_",  # of a snapshot that was detached while it was listed
)


def quoted(name: str) -> str:
    """A dotted name as a safe SQL identifier: `finance.loans` -> `"finance"."loans"`."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))


class Warehouse:
    """The trusted tables of one home. Cheap to make and safe to share between threads.

    All warehouses of one home in a process share one DuckDB instance (its memory limit is per process);
    every use takes a connection of its own on it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = settings.home / "warehouse.lock"

    @cached_property
    def _instance(self) -> "_Instance":
        return _shared_instance(self._settings)

    @contextmanager
    def reading(
        self, snapshot: int | None = None, cut: RowCut | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that sees one snapshot (the newest by default) whatever is written meanwhile.

        With a `cut` every `schema.table` shows the rows of the cut alone; raises AssistantError where the
        snapshot has no table or column that the cut is made by.
        """
        chosen = self.snapshot() if snapshot is None else snapshot
        opened = self._instance.pinned(chosen) if cut is None else self._instance.cut(chosen, cut)
        with opened as connection:
            yield connection

    @contextmanager
    def aside(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection on the same DuckDB that stands outside the lake: for files of our own beside it."""
        with self._instance.cursor("memory") as connection:
            yield connection

    def query(self, sql: str, parameters: Parameters = None, *, snapshot: int | None = None) -> pl.DataFrame:
        """The result of one SELECT, as a Polars frame."""
        with self.reading(snapshot) as connection:
            return asked(connection, sql, parameters)

    def write(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Runs `work` in one transaction: all of it is published as one snapshot, or nothing.

        Writers on this machine wait for one another; a conflict with another machine is retried, so
        `work` may run more than once: besides the connection it touches only what may be written twice.
        """
        writable_home(self._settings.home)
        with FileLock(self._lock):
            try:
                result: T = _retrying(self._instance.transaction, work)
            except (duckdb.IOException, OSError) as error:
                raise _disk_error(error, self._settings) from None
        return result

    @contextmanager
    def maintaining(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection outside any transaction while no other writer runs: for upkeep of the lake only."""
        with FileLock(self._lock), self._instance.cursor() as connection:
            yield connection

    def snapshot(self) -> int:
        """The number of the newest snapshot."""
        return _retrying(self._instance.newest_snapshot)

    def tables(self) -> list[str]:
        """All tables as `schema.table`, sorted."""
        sql = (
            "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables "
            "WHERE table_catalog = current_database() ORDER BY 1"
        )
        return self.query(sql)["name"].to_list()

    def exists(self, table: str) -> bool:
        """Whether `schema.table` is in the lake."""
        return bool(self.columns(table))

    def columns(self, table: str) -> dict[str, str]:
        """Column names and DuckDB types of `schema.table`, in order; empty where there is no such table."""
        with self.reading() as connection:
            return columns_of(connection, table)


@dataclass
class _Catalog:
    """A catalog that is attached: under a name of its own, as long as somebody reads it."""

    alias: str
    stays: bool
    readers: int = 0


class _Instance:
    """One DuckDB with the lake attached for writing, and once more for each snapshot being read.

    A query that looks for a table by its name lists whatever is attached, and so reads catalogs that others
    attached. Two things would break it: a snapshot that is detached meanwhile (DuckLake finds its own
    catalog no more), and in a transaction a name that now means another catalog (DuckDB ends the process).
    So snapshots are detached when nobody uses this DuckDB, and no name is given twice.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._guards = [Lock() for _ in range(16)]  # of attaching: a catalog's is found by what it shows
        self._guard = Lock()  # of what follows
        self._uses = 0  # connections that are open
        self._catalogs: dict[str, _Catalog] = {}  # by what they show, the one attached first first
        self._numbers = count(1)
        self._tables: dict[int, dict[str, dict[str, str]]] = {}  # of the snapshot that was cut last
        if not settings.catalog:
            _prepare(catalog_file(settings))
        self._connection = _connect(settings)
        _retrying(self._attach, "lake")

    @contextmanager
    def cursor(self, catalog: str = "lake") -> Iterator[duckdb.DuckDBPyConnection]:
        with self._guard:
            self._uses += 1
        try:
            with self._connection.cursor() as connection:
                connection.execute(f"USE {catalog}")
                yield connection
        finally:
            with self._guard:
                self._uses -= 1
                self._let_go()

    def transaction(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        with self.cursor() as connection:
            connection.begin()
            try:
                result = work(connection)
                connection.commit()
            except BaseException:
                _roll_back(connection)
                raise
            return result

    def newest_snapshot(self) -> int:
        with self.cursor() as connection:
            row = connection.execute("SELECT max(snapshot_id) FROM ducklake_snapshots('lake')").fetchone()
        return int(row[0]) if row else 0

    @contextmanager
    def pinned(self, snapshot: int) -> Iterator[duckdb.DuckDBPyConnection]:
        def attach(alias: str) -> None:
            _retrying(self._attach, alias, snapshot)

        with (
            self._attached(f"lake_at_{snapshot}", attach, stays=True) as alias,
            self.cursor(alias) as connection,
        ):
            yield connection

    @contextmanager
    def cut(self, snapshot: int, cut: RowCut) -> Iterator[duckdb.DuckDBPyConnection]:
        with self.pinned(snapshot) as whole:

            def attach(alias: str) -> None:
                _make_cut(whole, self._tables_at(snapshot, whole), cut, alias)

            with (
                self._attached(f"lake_at_{snapshot}_cut_{cut.digest}", attach, stays=False) as alias,
                self.cursor(alias) as connection,
            ):
                yield connection

    def _tables_at(self, snapshot: int, whole: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
        """Table -> column -> type in a snapshot, whose tables never change."""
        tables = self._tables.get(snapshot)
        if tables is None:
            tables = {}
            for table, column, kind in whole.execute(_COLUMNS).fetchall():
                tables.setdefault(table, {})[column] = kind
            self._tables = {snapshot: tables}
        return tables

    @contextmanager
    def _attached(self, name: str, attach: Callable[[str], None], *, stays: bool) -> Iterator[str]:
        """Holds a catalog attached, which all who use it at the same time share; gives its alias.

        One that `stays` waits for a moment when it can be detached without harm.
        """
        with self._guards[hash(name) % len(self._guards)]:
            catalog = self._held(name)
            if catalog is None:
                catalog = _Catalog(f"{name}_{next(self._numbers)}", stays, readers=1)
                attach(catalog.alias)
                with self._guard:
                    self._catalogs[name] = catalog
        try:
            yield catalog.alias
        finally:
            with self._guard:
                catalog.readers -= 1
                self._let_go()

    def _held(self, name: str) -> _Catalog | None:
        with self._guard:
            catalog = self._catalogs.get(name)
            if catalog:
                catalog.readers += 1
            return catalog

    def _let_go(self) -> None:
        """Detaches what nobody reads; to be called with the guard held."""
        idle = [name for name, catalog in self._catalogs.items() if not catalog.readers]
        waiting = [name for name in idle if self._uses and self._catalogs[name].stays][-_MOST_WAITING:]
        for name in idle:
            if name not in waiting:
                self._connection.execute(f"DETACH {self._catalogs.pop(name).alias}")

    def _attach(self, alias: str, snapshot: int | None = None) -> None:
        address, data = catalog_address(self._settings), data_path(self._settings)
        options = [f"DATA_PATH {literal(data)}", "OVERRIDE_DATA_PATH true"]
        if snapshot is None:
            options += [
                "DATA_INLINING_ROW_LIMIT 0",
                *(["ENCRYPTED true"] if self._settings.encrypted else []),
            ]
        else:
            options += [f"SNAPSHOT_VERSION {int(snapshot)}", "READ_ONLY"]
        try:
            self._connection.execute(f"ATTACH {literal(address)} AS {alias} ({', '.join(options)})")
        except duckdb.IOException as error:
            if not self._settings.catalog or _is_conflict(error):
                raise
            # DuckDB's own words quote the whole address, password included.
            raise AssistantError(
                "The lake's catalog in PostgreSQL cannot be opened.", "Check SDA_CATALOG and its server."
            ) from None


_instances: WeakValueDictionary[tuple[str, ...], _Instance] = WeakValueDictionary()
_instances_guard = Lock()


def _shared_instance(settings: Settings) -> _Instance:
    key = (
        str(settings.home),  # where it spills to
        catalog_address(settings),
        data_path(settings),
        settings.memory,
        str(settings.threads),
        str(settings.encrypted),
    )
    with _instances_guard:
        instance = _instances.get(key)
        if instance is None:
            instance = _instances[key] = _Instance(settings)
        return instance


def catalog_address(settings: Settings) -> str:
    """What DuckLake attaches: the SQLite catalog in the home folder, or the PostgreSQL one that was set."""
    if settings.catalog:
        return f"ducklake:postgres:{settings.catalog}"
    return f"ducklake:sqlite:{catalog_file(settings)}"


def catalog_file(settings: Settings) -> Path:
    """The SQLite catalog of an embedded lake."""
    return settings.home / "lake" / "catalog.sqlite"


def data_path(settings: Settings) -> str:
    """Where the Parquet files lie: a folder of the home, or the object storage that was set."""
    return settings.storage or str(settings.home / "lake" / "data")


def asked(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters = None) -> pl.DataFrame:
    """The result of one SELECT outside any transaction, asked again where others got in its way."""
    return _retrying(lambda: connection.execute(sql, parameters).pl())


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Column names and types of a lake table as this connection's transaction sees it."""
    schema, _, name = table.partition(".")
    rows = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns "
        "WHERE table_catalog = current_database() AND table_schema = ? AND table_name = ? "
        "ORDER BY ordinal_position",
        [schema, name],
    ).fetchall()
    return dict(rows)


def _make_cut(
    whole: duckdb.DuckDBPyConnection, tables: dict[str, dict[str, str]], cut: RowCut, alias: str
) -> None:
    """Attaches an in-memory catalog that mirrors the one `whole` reads, each table a view of its cut rows."""
    from pipelines.cut_views import cut_statements

    source = whole.execute("SELECT current_database()").fetchall()[0][0]
    statements = cut_statements(cut, tables, source, alias)
    whole.execute(f"ATTACH ':memory:' AS {alias}")
    try:
        whole.begin()  # so that the lake's own catalog is read once
        for statement in statements:
            whole.execute(statement)
        whole.commit()
    except BaseException as error:
        _roll_back(whole)
        whole.execute(f"DETACH {alias}")
        if isinstance(error, duckdb.CatalogException | duckdb.BinderException):
            said = str(error).splitlines()[0]
            by = ", ".join(rule.parameter for rule in cut.rules)
            raise AssistantError(f"The rows cannot be cut by {by}: {said}") from None
        raise


_COLUMNS = (
    "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns() "
    "WHERE database_name = current_database() ORDER BY schema_name, table_name, column_index"
)


def _prepare(catalog: Path) -> None:
    """Puts the SQLite catalog in WAL mode, where an open result of a reader does not block the writer."""
    writable_home(catalog.parent.parent)
    catalog.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(catalog, timeout=30)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def _connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    needed = [_extension_file(name) for name in _extensions(settings)]
    checked = {_identity(file) for file in needed} <= _checked
    connection = duckdb.connect(
        config={
            "memory_limit": settings.memory,
            "threads": settings.threads,
            "temp_directory": str(settings.home / "tmp"),
            "temp_file_encryption": settings.encrypted,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_unsigned_extensions": checked,
        }
    )
    for file in needed:
        _load(connection, file)
    connection.execute("SET GLOBAL allow_unsigned_extensions = false")  # which nothing can turn on again
    # Global: a plain SET holds for this connection alone, and every use has a cursor of its own.
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    if not settings.catalog:
        # A scan by several threads asks for the greatest row number first, and then for the rows up to it. A
        # commit of another process in between moves the list of deleted rows beyond it: they would be shown.
        connection.execute("SET GLOBAL sqlite_disable_multithreaded_scans = true")
    return connection


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Loads an official signed extension from its wheel: nothing is downloaded or installed elsewhere."""
    _load(connection, _extension_file(name))


def _load(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    identity = _identity(file)
    connection.execute(f"LOAD {literal(str(file))}")
    _checked.add(identity)


# Files whose signature DuckDB found right in this process. To check one means to hash some 30 MB, a tenth of
# a second for every DuckDB that is opened; and what runs then is the code that was loaded at first.
_checked: set[tuple[int, int, int, int]] = set()


def _identity(file: Path) -> tuple[int, int, int, int]:
    """The same as long as it is the same file with the same content."""
    found = file.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _extension_file(name: str) -> Path:
    folder = files(f"duckdb_extension_{name}") / "extensions" / f"v{duckdb.__version__}"
    return Path(str(folder / f"{name}.duckdb_extension"))


def _extensions(settings: Settings) -> Iterator[str]:
    yield "icu"
    yield "ducklake"
    yield "postgres_scanner" if settings.catalog else "sqlite_scanner"
    if "://" in settings.storage or settings.encrypted:  # httpfs brings the cryptography that may write
        yield "httpfs"


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    # A commit that failed has already ended the transaction.
    with suppress(duckdb.TransactionException):
        connection.rollback()


def _retrying(call: Callable[..., T], *arguments: Any) -> T:
    attempts = Retrying(
        retry=retry_if_exception(_is_conflict),
        wait=wait_random_exponential(multiplier=0.1, max=5),
        stop=stop_after_attempt(12),
        reraise=True,
    )
    result: T = attempts(call, *arguments)
    return result


def _is_conflict(error: BaseException) -> bool:
    return isinstance(error, duckdb.Error) and any(text in str(error) for text in _CONFLICTS)


def _disk_error(error: BaseException, settings: Settings) -> AssistantError:
    why = str(error).replace(settings.catalog, "SDA_CATALOG") if settings.catalog else str(error)
    return AssistantError(
        f"The warehouse in {settings.home} could not be written: {why}.",
        "Nothing was changed. Free some space (see `sda status` and the flow «upkeep»), then run it again.",
    )


def fingerprint(text: str) -> str:
    """A short stable name for a piece of text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
