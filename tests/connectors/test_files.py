"""The files connector: every format, only what is new, and bad input in words."""

import gzip
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import polars as pl
import pyarrow as pa
import pytest
import zstandard
from dlt.pipeline.exceptions import PipelineStepFailed

from connectors.connector import origin_of, record_numbers
from connectors.errors import AssistantError, UsageError
from connectors.files import CONNECTOR
from connectors.files import source as files_source
from connectors.files.options import FilesOptions
from connectors.source import readable_cause
from tests.connectors.extracting import Extracted, extract
from tests.connectors.reading import batches_of, rejected_of, rows_of
from tests.connectors.suite import ConnectorContract

PEOPLE = "id,name,amount\n1,Ann,1.5\n2,Bob,2.5\n3,Ćić,3.5\n"
FRAME = pl.DataFrame({"id": [1, 2, 3], "name": ["Ann", "Bob", "Ćić"], "amount": [1.5, 2.5, 3.5]})


def load(tmp_path: Path, state: dict[str, Any] | None = None, **options: Any) -> Extracted:
    source = CONNECTOR.source(FilesOptions(table="people", **options))
    return extract(source, tmp_path / f"run{len(list(tmp_path.glob('run*')))}", state)


class TestContract(ConnectorContract):
    connector = CONNECTOR
    key = ("id",)
    expected: ClassVar = {"people": 7}

    @pytest.fixture
    def options(self, tmp_path: Path) -> FilesOptions:
        folder = tmp_path / "in"
        folder.mkdir()
        (folder / "a.csv").write_text(PEOPLE)
        (folder / "b.csv").write_text("id,name,amount\n4,Dan,4\n5,Eve,broken,line\n6,Fay,6\n")
        (folder / "c.jsonl").write_text(
            '{"id":"7","name":"Gus","amount":"7"}\n{"id":"8","name":"Hal"}\n{"id"\n'
        )
        return FilesOptions(path=str(folder), table="people")


WRITERS: dict[str, Callable[[Path], object]] = {
    "a.csv": lambda path: path.write_text(PEOPLE),
    "a.tsv": lambda path: path.write_text(PEOPLE.replace(",", "\t")),
    "a.csv.gz": lambda path: path.write_bytes(gzip.compress(PEOPLE.encode())),
    "a.csv.zst": lambda path: path.write_bytes(zstandard.compress(PEOPLE.encode())),
    "latin.csv.gz": lambda path: path.write_bytes(gzip.compress(PEOPLE.encode("cp1250"))),
    "a.parquet": FRAME.write_parquet,
    "a.parquet.gz": lambda path: path.write_bytes(gzip.compress(_bytes_of(FRAME.write_parquet))),
    "a.json": lambda path: path.write_text(json.dumps(FRAME.to_dicts(), indent=1)),
    "lines.json": FRAME.write_ndjson,
    "a.jsonl": FRAME.write_ndjson,
    "a.ndjson.zst": lambda path: path.write_bytes(zstandard.compress(_bytes_of(FRAME.write_ndjson))),
    "a.xlsx": FRAME.write_excel,
    "odd [1]*?.csv": lambda path: path.write_text(PEOPLE),
}


def _bytes_of(write: Callable[[Any], object]) -> bytes:
    import io

    out = io.BytesIO()
    write(out)
    return out.getvalue()


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_brings_the_same_records(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path / name)
    found = [[str(row["id"]), row["name"], float(row["amount"])] for row in rows_of(tmp_path / name)]
    assert found == [["1", "Ann", 1.5], ["2", "Bob", 2.5], ["3", "Ćić", 3.5]]


def test_a_zip_brings_all_its_data_members(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("one.csv", PEOPLE)
        archive.writestr("deep/two.jsonl", '{"id":4,"name":"Dan","amount":4}\n')
        archive.writestr("../outside.csv", "id,name,amount\n5,Eve,5\n")
        archive.writestr("__MACOSX/._one.csv", "junk")
        archive.writestr("picture.png", b"\x89PNG")
    pieces = [piece for piece in batches_of(tmp_path / "all.zip") if isinstance(piece, pa.Table)]
    assert [(origin_of(piece).file, piece.num_rows) for piece in pieces] == [
        ("all.zip/one.csv", 3),
        ("all.zip/deep/two.jsonl", 1),
        ("all.zip/../outside.csv", 1),
    ]
    assert not (tmp_path.parent / "outside.csv").exists()


def test_typed_formats_keep_types_and_tell_nested_values_as_json(tmp_path: Path) -> None:
    day = date(2024, 3, 1)
    pl.DataFrame({"n": [1], "d": [day], "s": [{"k": [1, 2]}], "l": [["a", None]]}).write_parquet(
        tmp_path / "a.parquet"
    )
    assert rows_of(tmp_path / "a.parquet") == [{"n": 1, "d": day, "s": '{"k":[1,2]}', "l": '["a",null]'}]
    (tmp_path / "a.jsonl").write_text('{"n":1,"m":1,"o":{"k":1}}\n{"n":2,"m":"x","late":true}\n')
    assert rows_of(tmp_path / "a.jsonl") == [
        {"n": 1, "m": "1", "o": '{"k":1}', "late": None},
        {"n": 2, "m": "x", "o": None, "late": True},
    ]


def test_a_workbook_is_read_from_the_named_sheet(tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        pl.DataFrame({"x": ["wrong"]}).write_excel(book, "Cover")
        frame = pl.DataFrame({"código": ["007", "x"], "día": [date(2024, 1, 5), None]})
        frame.write_excel(book, "Daten")
    assert rows_of(tmp_path / "a.xlsx", sheet="Daten") == [
        {"código": "007", "día": "2024-01-05"},
        {"código": "x", "día": None},
    ]
    with pytest.raises(UsageError, match="Did you mean Daten"):
        rows_of(tmp_path / "a.xlsx", sheet="Dates")


def test_empty_fields_are_null_and_names_survive(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('default payment next month,客户,,客户\n1,"",x,\n2,张,"", y\n')
    assert rows_of(tmp_path / "a.csv") == [
        {"default payment next month": "1", "客户": None, "column_3": "x", "客户_2": None},
        {"default payment next month": "2", "客户": "张", "column_3": None, "客户_2": " y"},
    ]


def test_column_names_survive_dlt_itself(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("default payment next month,客户 名,ID,id 2\n1,2,3,4\n")
    found = load(tmp_path, path=str(tmp_path / "a.csv"))
    assert list(found.rows("people")[0]) == ["default payment next month", "客户 名", "ID", "id 2"]


def test_files_without_a_header_take_the_given_names(tmp_path: Path) -> None:
    (tmp_path / "a.data").write_text("63,1,?\n44,0,2\n")
    assert rows_of(tmp_path / "a.data")[0] == {"column_1": "63", "column_2": "1", "column_3": "?"}
    named = rows_of(tmp_path / "a.data", columns=("age", "sex", "vessels"))
    assert named[1] == {"age": "44", "sex": "0", "vessels": "2"}
    with pytest.raises(UsageError, match="3 columns, but `columns` names 2"):
        rows_of(tmp_path / "a.data", columns=("age", "sex"))


def test_the_decimal_mark_travels_with_the_batch(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id;price\n1;1,50\n2;2,75\n")
    (batch,) = batches_of(tmp_path / "a.csv")
    assert isinstance(batch, pa.Table)
    assert (origin_of(batch).decimal, batch.column("price").to_pylist()) == (",", ["1,50", "2,75"])


def test_lines_that_are_no_records_are_rejected_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('a,b,c\n1,2,3\n1,2\n1,2,3,4\n4,"x"y,6\n7,"two\nlines",9\n')
    assert [row["a"] for row in rows_of(tmp_path / "a.csv")] == ["1", "7"]
    assert [(one.position, one.reason, one.record) for one in rejected_of(tmp_path / "a.csv")] == [
        (3, "too few fields: 2 instead of 3", "1,2"),
        (4, "too many fields: 4 instead of 3", "1,2,3,4"),
        (5, "a quote is not closed, or text follows it", '4,"x"y,6'),
    ]


def test_mixed_line_ends_lose_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'a,b\r\n1,2\n3,"4\r\nfour"\r\n5,6\n')
    assert [tuple(row.values()) for row in rows_of(tmp_path / "a.csv")] == [
        ("1", "2"),
        ("3", "4\nfour"),
        ("5", "6"),
    ]
    (tmp_path / "b.csv").write_bytes(b'a,b\n1,"2\r\ntwo"\n3,4\n')
    assert rows_of(tmp_path / "b.csv")[0]["b"] == "2\r\ntwo"


def test_broken_json_lines_are_rejected_and_numbers_stay_right(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a":1}\nnot json\n\n{"a":2}\n[3]\n{"a":4}\n{"a":')
    (batch,) = [piece for piece in batches_of(tmp_path / "a.jsonl") if isinstance(piece, pa.Table)]
    assert record_numbers(batch).to_pylist() == [1, 4, 6]
    assert [(one.position, one.reason) for one in rejected_of(tmp_path / "a.jsonl")] == [
        (2, "not valid JSON"),
        (5, "JSON, but not an object"),
        (7, "not valid JSON"),
    ]


def test_a_long_file_streams_in_order_and_counts_its_records(tmp_path: Path) -> None:
    rows = 450_000
    (tmp_path / "a.csv").write_text("id,x\n" + "".join(f"{number},abc\n" for number in range(1, rows + 1)))
    batches = [piece for piece in batches_of(tmp_path / "a.csv") if isinstance(piece, pa.Table)]
    assert len(batches) == 3
    for batch in batches:
        first = origin_of(batch).first_record
        assert batch.column("id").cast(pa.string()).to_pylist() == [
            str(first + n) for n in range(batch.num_rows)
        ]


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,name\n")
    (batch,) = batches_of(tmp_path / "a.csv")
    assert isinstance(batch, pa.Table)
    assert (batch.num_rows, batch.column_names) == (0, ["id", "name"])


BAD: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "is empty"),
    "blank.csv": (b"\n  \n", "is empty"),
    "empty.csv.gz": (gzip.compress(b""), "is empty"),
    "empty.jsonl": (b"", "is empty"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(64), "a PNG image"),
    "book.csv": (b"PK\x03\x04" + bytes(64), "an Excel workbook"),
    "bytes.csv": (bytes(range(256)) * 8, "a binary file"),
    "packed.csv": (gzip.compress(b"a,b\n1,2\n"), "its name should end in .gz"),
    "cut.csv.gz": (gzip.compress(b"a,b\n" + os.urandom(9999).hex().encode())[:2000], "cannot be read"),
    "cut.csv.zst": (zstandard.compress(os.urandom(9999).hex().encode())[:2000], "cannot be read"),
    "bad.parquet": (b"PAR1 nothing else", "cannot be read"),
    "bad.xlsx": (b"no workbook", "not a workbook"),
    "bad.zip": (b"no archive", "not a zip archive"),
    "cut.json": (b'[{"a":1},{"a"', "cannot be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_give_one_clear_error(name: str, tmp_path: Path) -> None:
    content, words = BAD[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(AssistantError, match=words) as caught:
        batches_of(tmp_path / name)
    assert name in caught.value.problem
    assert str(tmp_path) not in caught.value.problem


def test_bad_paths_give_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE)
    with pytest.raises(AssistantError, match=r"Did you mean people.csv"):
        CONNECTOR.source(FilesOptions(path=str(tmp_path / "peple.csv")))
    with pytest.raises(AssistantError, match="no files"):
        CONNECTOR.source(FilesOptions(path=str(tmp_path / "*.parquet")))
    (tmp_path / "folder").mkdir()
    with pytest.raises(AssistantError, match="no files"):
        CONNECTOR.source(FilesOptions(path=str(tmp_path / "folder")))


def test_an_error_comes_readable_through_dlt(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"")
    with pytest.raises(PipelineStepFailed) as caught:
        load(tmp_path, path=str(tmp_path / "a.csv"))
    cause = readable_cause(caught.value)
    assert cause is not None
    assert cause.problem == "«a.csv» is empty."


def test_only_new_and_changed_files_are_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.csv").write_text("id\n1\n")
    (folder / "deep" / "b.csv").write_text("id\n2\n")
    (folder / ".hidden.csv").write_text("id\n99\n")
    first = load(tmp_path, path=str(folder))
    assert [row["id"] for row in first.rows("people")] == ["1", "2"]
    (folder / "a.csv").write_text("id\n1\n10\n")
    (folder / "c.csv").write_text("id\n3\n")
    second = load(tmp_path, first.state, path=str(folder))
    assert [row["id"] for row in second.rows("people")] == ["1", "10", "3"]
    assert load(tmp_path, second.state, path=str(folder)).total == 0
    moved = folder.rename(tmp_path / "moved")
    assert load(tmp_path, second.state, path=str(moved)).total == 0


def test_a_whole_source_is_read_whole_as_soon_as_one_file_changed(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text("id\n1\n")
    (folder / "b.csv").write_text("id\n2\n")
    first = load(tmp_path, path=str(folder), whole=True)
    assert load(tmp_path, first.state, path=str(folder), whole=True).total == 0
    (folder / "b.csv").write_text("id\n20\n")
    second = load(tmp_path, first.state, path=str(folder), whole=True)
    assert [row["id"] for row in second.rows("people")] == ["1", "20"]


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        ("9\n10\n", "9\n10\n11\n8\n", ["11"]),
        ("1.5\n-2.25\n", "1.5\n1.75\n", ["1.75"]),
        (
            "2024-01-31\n2024-02-01\n",
            "2024-02-01\n2024-02-01T08:00:00\n2023-12-31\n",
            ["2024-02-01T08:00:00"],
        ),
        ("1\n2\n", "2\n?\n3\n", ["?", "3"]),
    ],
    ids=["whole numbers", "numbers", "dates", "an unreadable value is let through"],
)
def test_incremental_lets_only_greater_values_through(
    before: str, after: str, new: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("at,x\n" + before.replace("\n", ",x\n"))
    first = load(tmp_path, path=str(path), incremental="at")
    path.write_text("at,x\n" + after.replace("\n", ",y\n"))
    second = load(tmp_path, first.state, path=str(path), incremental="at")
    assert [row["at"] for row in second.rows("people")] == new
    lines = after.splitlines()
    numbers = [n for batch in second.batches["people"] for n in record_numbers(batch).to_pylist()]
    assert numbers == [lines.index(value) + 1 for value in new]


def test_an_incremental_column_must_exist_and_have_an_order(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(PEOPLE)
    for column, words in (("ident", "Did you mean id"), ("name", "neither numbers nor ISO dates")):
        with pytest.raises(PipelineStepFailed) as caught:
            load(tmp_path, path=str(tmp_path / "a.csv"), incremental=column)
        assert words in str(readable_cause(caught.value))


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Keeps the test's output clean."""

    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "people.csv").write_text(PEOPLE)
    server = HTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_web_address_is_read_once_until_it_changes(web: str, tmp_path: Path) -> None:
    first = load(tmp_path, path=f"{web}/people.csv")
    assert [row["name"] for row in first.rows("people")] == ["Ann", "Bob", "Ćić"]
    assert load(tmp_path, first.state, path=f"{web}/people.csv").total == 0
    (tmp_path / "web" / "people.csv").write_text(PEOPLE + "4,Dan,4.5\n")
    assert len(load(tmp_path, first.state, path=f"{web}/people.csv").rows("people")) == 4
    with pytest.raises(AssistantError, match="nothing at"):
        CONNECTOR.source(FilesOptions(path=f"{web}/other.csv"))


def test_a_server_that_does_not_answer_is_not_a_missing_file(web: str, tmp_path: Path) -> None:
    with pytest.raises(AssistantError, match="There is nothing at"):
        CONNECTOR.source(FilesOptions(path=f"{web}/no-such-file.csv"))
    with pytest.raises(AssistantError, match="cannot be reached"):
        CONNECTOR.source(FilesOptions(path="http://127.0.0.1:9/a.csv"))


def test_object_storage_folders_and_globs_are_listed(tmp_path: Path) -> None:
    import fsspec

    storage = fsspec.filesystem("memory")
    for name, text in (("a.csv", "id\n1\n"), ("deep/b.csv", "id\n2\n"), ("notes.md", "no data")):
        storage.pipe(f"/bucket/{name}", text.encode())
    try:
        whole = load(tmp_path, path="memory://bucket")
        assert [row["id"] for row in whole.rows("people")] == ["1", "2"]
        assert load(tmp_path, whole.state, path="memory://bucket").total == 0
        assert len(load(tmp_path, path="memory://bucket/*.csv").rows("people")) == 1
        with pytest.raises(AssistantError, match="nothing at"):
            CONNECTOR.source(FilesOptions(path="memory://bucket/none.csv"))
    finally:
        storage.rm("/bucket", recursive=True)


def test_a_file_is_remembered_only_when_all_of_it_was_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state: dict[str, Any] = {}
    monkeypatch.setattr(files_source, "memory", lambda: state)
    (tmp_path / "a.csv").write_text("id\n1\n")
    (tmp_path / "b.csv").write_text("id,x\n2,y\n3,4,5\n")
    source = CONNECTOR.source(FilesOptions(path=str(tmp_path), table="people"))
    records = iter(source.resources["people"])
    next(records)
    assert state["files"] == {}
    next(records)
    assert set(state["files"]) == {"a.csv"}
    assert list(records)
    assert set(state["files"]) == {"a.csv", "b.csv"}
