"""What is on a page as a file to take away: any table, any chart. Every taking is noted in the audit."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.charts.chart import Chart
from dashboards.explore import exporting
from dashboards.explore.exporting import Export, FileKind, PictureKind
from dashboards.reports import cut
from dashboards.reports.report import Column, Fact
from dashboards.screens.here import Here
from dashboards.screens.parts.delivery_words import role_in_words
from dashboards.screens.parts.person import person
from dashboards.wording import with_semicolons, with_value
from pipelines.store import Audit, now


class Searched(str):
    """A filter that says whom somebody looked for, by number or by personal data: a file names it, the audit
    only that there was one.
    """

    __slots__ = ()


def offer_table(
    here: Here,
    name: str,
    frame: Callable[[], pl.DataFrame],
    told: Sequence[str] = (),
    *,
    title: str = "",
    columns: Sequence[Column] = (),
    facts: Sequence[Fact] = (),
) -> None:
    """A button that gives a table as Excel, CSV or Parquet.

    `frame` is called when a file is asked for, outside the page: it calls nothing of Streamlit, and gives
    rows that this role may see. `name` is unique on the page and begins the file's name; `told` are the
    filters that stand, in words; `columns` say how values are written (default: by their types, the names of
    the frame as titles); `facts` are further notes.
    """
    _ = here.say
    notes, who = notes_of(here, told, facts), person(here)
    has_zone = any(fact.label == _("Time zone") for fact in facts)

    def made(kind: FileKind) -> bytes:
        rows = frame()
        shown = tuple(columns) or exporting.columns_of(rows)
        is_utc = not has_zone and any(column.format == "moment" for column in shown)
        export = Export(
            stem=stem(here, name),
            title=title or name,
            columns=shown,
            rows=rows.height,
            facts=(*notes, *([Fact(_("Time zone"), "UTC")] if is_utc else []), *making(here, who)),
            made=now(),
            language=here.language,
        )
        file = exporting.file_of(kind, export, rows)
        note(here, "table", {"what": name, "format": kind, "rows": rows.height}, who, told)
        return file

    with menu(here, name):
        for kind, (label, ending, mime) in exporting.KINDS.items():
            st.download_button(
                label,
                partial(made, kind),
                file_name=f"{stem(here, name)}.{ending}",
                mime=mime,
                key=f"export-{name}-{kind}",
                on_click="ignore",
                width="stretch",
            )


def offer_chart(here: Here, chart: Chart, told: Sequence[str] = (), *, facts: Sequence[Fact] = ()) -> None:
    """A button that gives a chart as PNG or SVG, with its title, its sentence and the filters at its foot."""
    notes, who = notes_of(here, told, facts), person(here)
    kinds: Mapping[PictureKind, str] = {"png": "image/png", "svg": "image/svg+xml"}

    def made(kind: PictureKind) -> bytes:
        foot = " · ".join(
            with_value(fact.label, fact.value, here.language) for fact in (*notes, *making(here, who))
        )
        picture = exporting.picture_of(kind, chart, here.language, foot)
        note(here, "chart", {"what": chart.name, "format": kind}, who, told)
        return picture

    with menu(here, f"chart-{chart.name}"):
        for kind, mime in kinds.items():
            st.download_button(
                kind.upper(),
                partial(made, kind),
                file_name=f"{stem(here, chart.name)}.{kind}",
                mime=mime,
                key=f"export-{chart.name}-{kind}",
                on_click="ignore",
                width="stretch",
            )


def offer_file(
    here: Here,
    label: str,
    make: Callable[[], bytes],
    what: str,
    told: Mapping[str, object],
    filters: Sequence[str] = (),
    **button: Any,
) -> None:
    """A button that hands out one file. It is made when it is asked for, outside the page, and noted: `what`,
    `told` and `filters` are those of `note`.
    """
    who = person(here)

    def made() -> bytes:
        file = make()
        note(here, what, told, who, filters)
        return file

    st.download_button(label, made, on_click="ignore", **button)


@dataclass(frozen=True)
class InFile:
    """What a file has of a table that the page shows in words: its rows as they are, how they are written,
    further notes.
    """

    rows: Callable[[], pl.DataFrame]
    columns: Sequence[Column] = ()
    facts: Sequence[Fact] = ()


def show_table(
    here: Here,
    name: str,
    frame: pl.DataFrame,
    told: Sequence[str] = (),
    *,
    title: str,
    whole: Callable[[], pl.DataFrame] | InFile | None = None,
    **shown: Any,
) -> Any:
    """A table on a page and, below it, the button to take it away; gives what was chosen in it.

    `title` is also what a reader who does not see it is told. `whole` are its rows where the page shows only
    some, or shows them as words; `shown` goes to `st.dataframe`.
    """
    chosen = st.dataframe(frame, **{"hide_index": True, "height": "content", "alt": title, **shown})
    _offer_rows(here, name, frame, told, title, whole)
    return chosen


def show_sentences(
    here: Here,
    name: str,
    frame: pl.DataFrame,
    told: Sequence[str] = (),
    *,
    title: str,
    whole: Callable[[], pl.DataFrame] | InFile,
) -> None:
    """The same of a small table whose cells break into lines. They are Markdown: texts of data are `escaped`,
    and stand in `whole` as they are.
    """
    st.table(frame, border="horizontal", hide_index=True)
    _offer_rows(here, name, frame, told, title, whole)


def _offer_rows(
    here: Here,
    name: str,
    frame: pl.DataFrame,
    told: Sequence[str],
    title: str,
    whole: Callable[[], pl.DataFrame] | InFile | None,
) -> None:
    if not frame.is_empty():
        file = whole if isinstance(whole, InFile) else InFile(whole or (lambda: frame))
        offer_table(here, name, file.rows, told, title=title, columns=file.columns, facts=file.facts)


def note(here: Here, what: str, told: Mapping[str, object], who: str, filters: Sequence[str] = ()) -> None:
    """Notes in the audit that something was taken away, and by which filters; `told` names no value of a
    record.
    """
    named = ["(search)" if isinstance(each, Searched) else each for each in filters if each]
    detail = json.dumps({"page": here.page, **told, "filters": named}, ensure_ascii=False)
    with here.store.session() as session:
        session.add(Audit(who=who or here.role, action=f"export.{what}", detail=detail))


def stem(here: Here, name: str) -> str:
    """What the name of a file begins with: page, what it is, the day."""
    return "-".join(each for each in (here.page, name, f"{now():%Y-%m-%d}") if each)


def notes_of(here: Here, told: Sequence[str], facts: Sequence[Fact] = ()) -> tuple[Fact, ...]:
    """What a file says of where it comes from: page, filters, further facts, snapshot, for whom."""
    _ = here.say
    page = here.pages.get(here.page)
    rules = here.cut.rules if here.cut else ()
    only = cut.in_words(
        here.settings,
        {rule.parameter: f"{rule.table}.{rule.column}" for rule in rules},
        tuple((rule.parameter, rule.values) for rule in rules),
        here.language,
    )
    filters = with_semicolons((only, *told), here.language)
    return (
        *([Fact(_("Page"), page.title)] if page else []),
        Fact(_("Filters"), filters or _("none")),
        *facts,
        Fact(_("Snapshot"), str(here.snapshot)),
        Fact(_("Shown to"), role_in_words(here, here.role)),
    )


def day_told(here: Here, as_of: date) -> str:
    """Which day's cases are taken away, to stand among the filters."""
    _ = here.say
    return with_value(_("Data as of"), numbers.day(as_of, here.language), here.language)


def making(here: Here, who: str) -> tuple[Fact, ...]:
    """When the file is made, and by whom where they said so."""
    _ = here.say
    made = Fact(_("Made"), numbers.moment(now(), here.language, here.zone))
    return (made, Fact(_("Made by"), who)) if who else (made,)


@contextmanager
def menu(here: Here, name: str) -> Iterator[None]:
    """The button that opens the formats to choose from."""
    _ = here.say
    with st.popover(_("Export"), icon=":material/download:", type="tertiary", key=f"export-{name}"):
        yield
