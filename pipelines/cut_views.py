"""The SQL of a cut: which rows of each table of a lake are shown (`pipelines.row_cut` says why)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from connectors.errors import AssistantError, did_you_mean
from pipelines.queries import literal
from pipelines.records import quoted_column
from pipelines.row_cut import Link, RowCut, Rule

Lake = Mapping[str, Mapping[str, str]]  # `schema.table` -> column -> DuckDB type

_KEYS = "␟keys"  # the schema of the key sets: no schema of a lake is called so
_ROW_NUMBER = "rowid"
_MOMENTS = ("DATE", "TIMESTAMP")


def cut_statements(cut: RowCut, lake: Lake, source: str, target: str) -> list[str]:
    """What makes the empty catalog `target` the cut through the lake attached as `source`, in order.

    They are run in one transaction, where `source` is the current catalog. Raises AssistantError where the
    lake has no table or column that a rule names.
    """
    return _Views(cut, lake, source, target).statements()


class _Views:
    def __init__(self, cut: RowCut, lake: Lake, source: str, target: str) -> None:
        self._lake, self._source, self._target = lake, source, target
        self._shared = cut.shared
        self._links = [link for link in cut.links if self._can_follow(link)]
        self._rules: dict[str, list[Rule]] = defaultdict(list)
        for rule in cut.rules:
            self._check(rule)
            self._rules[rule.table].append(rule)
        self._ways = [self._ways_to(anchor) for anchor in self._rules]
        self._key_sets: dict[str, str] = {}  # SELECT -> the relation with its rows
        self._pending: list[str] = []  # tables whose keys are being made

    def statements(self) -> list[str]:
        """Schemas, then the keys that rows must refer to, then a view for each table."""
        schemas = {_schema(table) for table in self._lake} - {"main"}
        made = [
            f"CREATE SCHEMA {quoted_column(self._target)}.{quoted_column(name)}" for name in (*schemas, _KEYS)
        ]
        views = [self._view(table) for table in self._from_core_upwards()]
        keys = [f"CREATE TABLE {name} AS {select}" for select, name in self._key_sets.items()]
        return [*made, *keys, *views]

    # Whose rows they are ----------------------------------------------------------------------------------

    def _ways_to(self, anchor: str) -> dict[str, list[Link]]:
        """The tables whose rows belong to rows of `anchor`, each with its shortest links that way."""
        ways: dict[str, list[Link]] = {anchor: []}
        newest = {anchor}
        while newest:
            found: dict[str, list[Link]] = defaultdict(list)
            for link in self._links:
                if link.of in newest and link.table not in ways:
                    found[link.table].append(link)
            ways |= found
            newest = set(found)
        return ways

    def _is_core(self, table: str) -> bool:
        """Whether every rule reaches the table."""
        return all(table in ways for ways in self._ways)

    @cached_property
    def _above(self) -> dict[str, list[Link]]:
        """The tables that rows of the cut refer to, nearest first, each with the links that lead there."""
        core = {table for table in self._lake if self._is_core(table)}
        above: dict[str, list[Link]] = {}
        newest = core
        while newest:
            found: dict[str, list[Link]] = defaultdict(list)
            for link in self._links:
                if link.table in newest and link.of not in core | self._shared and link.of not in above:
                    found[link.of].append(link)
            above |= found
            newest = set(found)
        return above

    def _from_core_upwards(self) -> list[str]:
        """All tables, each after those whose views it is shown by."""
        return [*(table for table in self._lake if table not in self._above), *self._above]

    # In SQL -----------------------------------------------------------------------------------------------

    def _view(self, table: str) -> str:
        name, conditions = self._of(self._target, table), self._conditions(table)
        if not self._is_core(table) and table not in self._shared:
            if table not in self._above:  # nobody's: an empty table is quicker made than a view of the lake
                columns = ", ".join(
                    f"{quoted_column(each)} {kind}" for each, kind in self._lake[table].items()
                )
                return f"CREATE TABLE {name} ({columns})"
            conditions.append(self._referred_to(self._above[table]))
        numbered = any(link.of == table and link.keys == (_ROW_NUMBER,) for link in self._links)
        return (
            f"CREATE VIEW {name} AS SELECT {'rowid, *' if numbered else '*'} "
            f"FROM {self._of(self._source, table)} WHERE {_all(conditions)}"
        )

    def _conditions(self, table: str) -> list[str]:
        """What the rules that reach the table ask of its rows; nothing where none does."""
        links = {link: None for ways in self._ways for link in ways.get(table, ())}
        return [
            *(self._holds(rule) for rule in self._rules.get(table, ())),
            *(self._refers(link) for link in links),
        ]

    def _holds(self, rule: Rule) -> str:
        if not rule.sql:
            return _is_one_of(quoted_column(rule.column), self._lake[rule.table][rule.column], rule.values)
        chosen = _is_one_of("value", "", rule.values)
        keys = self._keys(f"SELECT DISTINCT CAST(key AS VARCHAR) AS key FROM ({rule.sql}) WHERE {chosen}")
        return f"{_joined(rule.keys, rule.joined_by, 'VARCHAR')} IN (FROM {keys})"

    def _refers(self, link: Link) -> str:
        """Whether a row refers to a row of the cut."""
        if link.of in self._pending:
            raise AssistantError(
                f"{link.table} and {link.of} refer to one another: whose rows they are cannot be told.",
                "Take a reference out of their contracts, or use one parameter alone.",
            )
        self._pending.append(link.of)
        conditions = _all(self._conditions(link.of))
        self._pending.pop()
        column, key = self._compared(link)
        parents = self._of(self._source, link.of)
        if link.every:
            all_of_them = f"bool_and(coalesce({conditions}, false))"
            select = f"SELECT {key} AS key FROM {parents} GROUP BY 1 HAVING {all_of_them}"
        else:
            select = f"SELECT {key} AS key FROM {parents} WHERE {conditions}"
        return f"{column} IN (FROM {self._keys(select)})"

    def _referred_to(self, links: Iterable[Link]) -> str:
        """Whether a row is referred to by a row that is shown."""
        ways = []
        for link in links:
            column, key = self._compared(link)
            ways.append(f"{key} IN (SELECT {column} FROM {self._of(self._target, link.table)})")
        return " OR ".join(ways)

    def _keys(self, select: str) -> str:
        """A table with the rows of `select`, computed once."""
        name = f"{quoted_column(self._target)}.{quoted_column(_KEYS)}.k{len(self._key_sets)}"
        return self._key_sets.setdefault(select, name)

    def _compared(self, link: Link) -> tuple[str, str]:
        """The two sides of a link, made comparable: as they are, as moments, or as text."""
        column, kind = quoted_column(link.column), self._lake[link.table][link.column]
        kinds = [self._kind(link.of, key) for key in link.keys]
        if kinds == [kind]:
            return column, quoted_column(link.keys[0])
        common = "TIMESTAMP" if len(kinds) == 1 and {kind, *kinds} <= {*_MOMENTS} else "VARCHAR"
        return f"CAST({column} AS {common})", _joined(link.keys, link.joined_by, common)

    def _kind(self, table: str, key: str) -> str:
        return "BIGINT" if key == _ROW_NUMBER else self._lake[table][key]

    def _of(self, catalog: str, table: str) -> str:
        schema, _, name = table.partition(".")
        return ".".join(map(quoted_column, (catalog, schema, name)))

    # What there is ----------------------------------------------------------------------------------------

    def _can_follow(self, link: Link) -> bool:
        of = self._lake.get(link.of, {})
        return link.column in self._lake.get(link.table, {}) and all(
            key in of or (key == _ROW_NUMBER and of) for key in link.keys
        )

    def _check(self, rule: Rule) -> None:
        if rule.table not in self._lake:
            raise AssistantError(
                f"The rows cannot be cut by «{rule.parameter}»: there is no table {rule.table} yet.",
                "Load it first (`sda ingest`).",
            )
        known = self._lake[rule.table]
        needed = {*rule.keys} - {_ROW_NUMBER} if rule.sql else {rule.column}
        for column in sorted(needed):
            if column not in known:
                raise AssistantError(
                    f"The rows cannot be cut by «{rule.parameter}»: {rule.table} has no column «{column}».",
                    did_you_mean(column, known),
                )


def _is_one_of(column: str, kind: str, values: Iterable[str]) -> str:
    listed = ", ".join(map(literal, values))
    text = column if kind == "VARCHAR" else f"CAST({column} AS VARCHAR)"
    return f"{text} IN ({listed})" if listed else "false"


def _joined(keys: Iterable[str], by: str, kind: str) -> str:
    """Several columns as one value of a type."""
    return f" || {literal(by)} || ".join(f"CAST({quoted_column(key)} AS {kind})" for key in keys)


def _schema(table: str) -> str:
    return table.partition(".")[0]


def _all(conditions: Iterable[str]) -> str:
    return " AND ".join(f"({each})" for each in conditions) or "true"
