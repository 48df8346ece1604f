"""Delimiter, quoting, header, names and decimal mark are found; free-form tables come back cell by cell."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.files.detect import detect, unique_names
from tests.connectors.reading import rows_of

CASES = {
    "comma": ("id,name\n1,Ann\n2,Bob\n", ",", True, "."),
    "semicolon with decimal commas": ("id;price\n1;1,50\n2;2,25\n", ";", True, ","),
    "no header, semicolon and decimal commas": ("1,5;2,5\n3,5;4,5\n7,1;8,2\n", ";", False, ","),
    "thousands and decimal comma": ("a;b\nx;1.234,50\ny;12,5\n", ";", True, ","),
    "thousands comma is no decimal comma": ("a;b\nx;1,234\ny;2,345\n", ";", True, "."),
    "tab": ("a\tb\n1,5 kg\tx\n2,5 kg\ty\n", "\t", True, "."),
    "pipe": ("a|b|c\n1|x|2\n3|y|4\n", "|", True, "."),
    "blanks": ("40 1 2 140\n49 0 3 160\n37 1 2 130\n", " ", False, "."),
    "sentences are no columns": ("text\nit is a word\nso are you now\n", ",", True, "."),
    "commas in a sentence, one column": ("text\nyes, I do\nno\n", ";", True, "."),
    "free text with commas": ("id;text\n1;yes, I do\n2;no, never, ever\n", ";", True, "."),
    "no header, question marks": ("63,1,?,2\n44,1,3,?\n60,0,3,1\n", ",", False, "."),
    "no header, codes of one shape": ("C001,x\nC002,y\nC003,z\nC004,x\n", ",", False, "."),
    "years side by side": ("country,2019,2020,2021\nFR,1,2,3\nDE,4,5,6\n", ",", True, "."),
    "Chinese names": ("编号,金额\n1,2.5\n2,3.5\n", ",", True, "."),
}


@pytest.mark.parametrize(("text", "delimiter", "header", "decimal"), CASES.values(), ids=CASES)
def test_the_dialect_is_found(text: str, delimiter: str, header: bool, decimal: str) -> None:
    found = detect(text, complete=True)
    assert (found.delimiter, found.header, found.decimal) == (delimiter, header, decimal)


def test_title_lines_above_the_header_are_skipped() -> None:
    found = detect("Sales 2024\n\nid;name;price\n1;a;2\n2;b;3\n", complete=True)
    assert (found.names, found.header) == (("id", "name", "price"), True)


def test_single_quotes_and_backslashes_are_recognised() -> None:
    single = detect("a,b\n'x, y',1\n'z, w',2\n", complete=True)
    assert (single.quote, single.names) == ("'", ("a", "b"))
    escaped = detect('a,b\n"say \\"hi, you\\"",1\n"x \\"y, z\\"",2\n', complete=True)
    assert escaped.escape == "\\"


def test_column_names_are_made_unique_by_a_clear_rule() -> None:
    assert unique_names(["id", "", " id ", "ID", "id_2", "a\n b", ""]) == (
        "id", "column_2", "id_3", "ID_4", "id_2", "a b", "column_7",
    )  # fmt: skip


@given(st.lists(st.text(max_size=4), min_size=1, max_size=12))
def test_names_are_unique_and_filled_whatever_the_header_says(raw: list[str]) -> None:
    names = unique_names(raw)
    assert len(names) == len(raw)
    assert len({name.casefold() for name in names}) == len(names)
    assert all(name.strip() for name in names)


WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\r", exclude_categories=["Cs", "Cc"]), max_size=8
)
CELLS = st.one_of(
    st.integers(-999, 9999).map(str), WORDS, st.sampled_from(['say "hi"', "a\nb", "x, y; z", "O'Hara"])
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(2, 5))
    ids = [[str(number)] for number in range(draw(st.integers(4, 12)))]
    return [row + draw(st.lists(CELLS, min_size=width - 1, max_size=width - 1)) for row in ids]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=tables(),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC, csv.QUOTE_MINIMAL]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_table_comes_back_cell_by_cell(
    tmp_path: Path, table: list[list[str]], delimiter: str, quoting: int, line_end: str, encoding: str
) -> None:
    header = [f"column {chr(97 + number)}" for number in range(len(table[0]))]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    writer.writerows([header, *table])
    path = tmp_path / "table.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    found = [list(row.values()) for row in rows_of(path)]
    assert found == [[cell or None for cell in row] for row in table]
