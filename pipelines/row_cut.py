"""A cut through the lake: one reader's rows of every table, and nothing of anybody else's.

`Warehouse.reading(snapshot, cut)` opens a catalog in which every `schema.table` of the lake is a view with
the rows of the cut. Whatever is asked of it (a list, a count, the SQL of a task) sees no other rows, so no
report or page has to remember to filter. What it promises:

- A rule says which values of `domain.table.column` are the reader's. Values are compared as text, exactly;
  null is nobody's. One of several values is enough (or), several rules must all hold (and).
- The rule's own table shows the rows that hold. A table whose rows refer to it (`Column.references` of the
  contracts, `Link`s of tables that have none), directly or through others, shows the rows that refer to rows
  shown; where there are several ways, the shortest counts, and all the shortest ones together.
- A table that such rows refer to shows what they refer to (the carriers of a depot's shipments), and no row
  of another table because of that: the other shipments of those carriers stay hidden.
- With several rules, a table that only some of them reach shows nothing but what rows that hold for all of
  them refer to.
- `Contract.reference_data` belongs to nobody (exchange rates) and is shown whole, unless a rule is about it.
- Everything else shows no row: the quarantine, the book-keeping, tables of which nobody said whose they are.

What is no row of anybody is not cut, and may be shown to everybody: how good the model proved on all its test
cases (its figures, the chart of what was predicted and came true), its drift and version, the moments of
scoring, the number of the snapshot, that a load failed or is old. A row is shown as it is: a case's score and
reasons were made from all data (the carrier's share of late parcels counts everybody's parcels), a plan from
what is known of all roads.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cached_property

from pipelines.contract import Contract


@dataclass(frozen=True)
class Rule:
    """Of `table` those rows are the reader's whose `column`, as text, is one of `values`.

    With `sql` the column is none of the table's own: the SELECT yields `key`, a value of the table's `keys`,
    and `value`, any number of rows for each key; a row of the table has all values of its key. Several keys
    are one text, joined by `joined_by`; the key `rowid` is the number of a row.
    """

    parameter: str
    table: str
    column: str
    values: tuple[str, ...]
    sql: str = ""
    keys: tuple[str, ...] = ()
    joined_by: str = ""


@dataclass(frozen=True)
class Link:
    """The rows of `table` belong to the rows of `of`: their `column` holds the value of its `keys`.

    Several keys are one text, joined by `joined_by`; the key `rowid` is the number of a row without any.
    Where several rows of `of` have the same keys, one in the cut is enough, unless `every` asks for all.
    """

    table: str
    column: str
    of: str
    keys: tuple[str, ...]
    joined_by: str = ""
    every: bool = False


@dataclass(frozen=True)
class RowCut:
    """Which rows are shown: what `rules` say, carried along `links`; `shared` tables are shown whole."""

    rules: tuple[Rule, ...]
    links: tuple[Link, ...] = field(default=(), repr=False)
    shared: frozenset[str] = field(default=frozenset(), repr=False)

    @cached_property
    def digest(self) -> str:
        """The same for the same rows: hexadecimal, short."""
        told = asdict(self) | {"shared": sorted(self.shared)}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:24]


def references(contracts: Iterable[Contract]) -> tuple[Link, ...]:
    """The links that contracts promise: `references` of their columns."""
    found = []
    for contract in contracts:
        for column in contract.columns:
            if column.references:
                of, _, key = column.references.rpartition(".")
                found.append(Link(contract.table, column.name, of, (key,)))
    return tuple(found)


def shared_tables(contracts: Iterable[Contract]) -> frozenset[str]:
    """The tables that belong to nobody."""
    return frozenset(contract.table for contract in contracts if contract.reference_data)
