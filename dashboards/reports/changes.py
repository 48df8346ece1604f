"""What changed since the issue before: who is new, gone, in another band, and whose score moved most."""

from collections.abc import Iterator

import polars as pl

from dashboards.figures import band_label
from dashboards.numbers import day, integer
from dashboards.queries import changes
from dashboards.reasons import in_words
from dashboards.reports.desk import Scored
from dashboards.reports.report import Column, Paragraph, Section, Table
from dashboards.wording import in_language
from pipelines.warehouse import quoted

_MOST_MOVERS = 10


def changed(desk: Scored) -> int:
    """How many cases are new, gone or in another band; 0 in a first issue."""
    return sum(_count(desk, kind) for kind in ("new", "gone", "moved"))


def sections(desk: Scored) -> Iterator[Section]:
    """A sentence with the counts, the moves between bands, and the biggest movers with their reasons."""
    _ = desk.say
    yield Paragraph(_("What changed since the last issue"), _in_a_sentence(desk))
    if desk.earlier is None:
        return
    moves = desk.once(_moves).filter(pl.col("kind") != "same")
    if not moves.is_empty() and desk.task.bands:
        yield _moves_table(desk, moves)
    moved = desk.once(_movers)
    if not moved.is_empty():
        yield _movers_table(desk, moved)


def _in_a_sentence(desk: Scored) -> str:
    _, language = desk.say, desk.language
    if desk.earlier is None:
        return _("This is the first issue; the next one will say what has changed.")
    since = day(desk.earlier.as_of, language, desk.timezone)
    if not changed(desk):
        return _("Since {day} no case was added or dropped, and none moved to another band.").format(
            day=since
        )
    new, gone, moved = (integer(_count(desk, kind), language) for kind in ("new", "gone", "moved"))
    return _("Since {day}: {new} new, {gone} gone, {moved} moved to another band.").format(
        day=since, new=new, gone=gone, moved=moved
    )


def _count(desk: Scored, kind: str) -> int:
    return int(desk.once(_moves).filter(kind=kind)["cases"].sum())


def _moves(desk: Scored) -> pl.DataFrame:
    if desk.earlier is None:
        return pl.DataFrame(schema={"kind": pl.String, "cases": pl.Int64})
    return changes.by_band(desk.read, *_relations(desk), desk.as_of, desk.earlier.as_of)


def _movers(desk: Scored) -> pl.DataFrame:
    assert desk.earlier is not None  # noqa: S101 - asked for only with an issue before
    found = changes.movers(desk.read, *_relations(desk), desk.as_of, desk.earlier.as_of, _MOST_MOVERS)
    return desk.masked(found)


def _relations(desk: Scored) -> tuple[str, str]:
    """The predictions of today's snapshot and of that of the issue before."""
    table = quoted(desk.task.predictions_table)
    catalog = desk.earlier.catalog if desk.earlier else ""
    return table, f"{quoted(catalog)}.{table}"


def _moves_table(desk: Scored, moves: pl.DataFrame) -> Table:
    _ = desk.say
    rows = [
        {
            "from": "(" + _("new") + ")" if row["kind"] == "new" else _band(desk, row["band_before"]),
            "to": "(" + _("gone") + ")" if row["kind"] == "gone" else _band(desk, row["band"]),
            "cases": row["cases"],
        }
        for row in moves.iter_rows(named=True)
    ]
    columns = (
        Column("from", _("Band before")),
        Column("to", _("To")),
        Column("cases", _("Cases"), "integer"),
    )
    frame = pl.DataFrame(rows, schema={"from": pl.String, "to": pl.String, "cases": pl.Int64})
    return Table("moves", _("Moves between bands"), columns, frame, most=12)


def _band(desk: Scored, band: str | None) -> str:
    return band_label(desk.task, band or "", desk.language)


def _movers_table(desk: Scored, movers: pl.DataFrame) -> Table:
    _, task, language = desk.say, desk.task, desk.language
    share = task.kind != "regression"
    unit = "" if share else task.meaning.unit
    frame = movers.with_columns(
        pl.Series("why", in_words(movers["reasons"], task, language), dtype=pl.String),
        *(
            pl.Series(name, [_band(desk, band) for band in movers[name]], dtype=pl.String)
            for name in ("band_before", "band")
        ),
        change=pl.col("change") * (100 if share else 1),
    )
    bands = (Column("band_before", _("Band before")), Column("band", _("Band")))
    columns = (
        Column("entity_id", in_language(task.meaning.entity, language)),
        Column("score_before", _("Before"), "percent" if share else "number", unit),
        Column("score", _("Now"), "percent" if share else "number", unit),
        Column("change", _("Change"), "signed", _("points") if share else unit),
        *(bands if task.bands else ()),
        Column("why", _("Reasons"), wraps=True),
    )
    return Table("movers", _("Whose score moved most"), columns, frame, most=_MOST_MOVERS)
