"""A file of subscriptions goes in whole or not at all, however it was written, and once however often."""

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from connectors.errors import UsageError
from dashboards.subscriptions.readers import book
from dashboards.subscriptions.readers.import_file import attributes_from, rows_of
from dashboards.subscriptions.readers.importing import import_csv
from pipelines.mailing import AccountSettings, MailSettings, PlanSettings
from pipelines.settings import Settings
from pipelines.store import Delivery, Store

ACME = """email,account,report,schedule,timezone,language,formats,attributes,id,only_if
ann@acme.example,acme,fleet-daily,weekdays 08:00,Europe/Berlin,zh,"pdf, xlsx",\
"{""depot"": [""D01"", ""D05""]}",1,urgent > 10; has rows
bob@acme.example,acme,fleet-daily,,,,,,2,
ann@acme.example,acme,fleet-daily,,,,,"{""depot"": ""D02""}",3,
"""


@pytest.fixture
def house(home: Settings) -> Settings:
    """Settings with an account `acme` for two readers."""
    return home.model_copy(
        update={
            "plans": {"gold": PlanSettings(recipients=2)},
            "accounts": {"acme": AccountSettings(plan="gold", start=date(2026, 1, 31))},
        }
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "readers.csv"


def outcomes(settings: Settings, file: Path, *, update: bool = False) -> list[str]:
    return [line.outcome for line in import_csv(settings, file, update=update)]


def test_every_column_arrives(house: Settings, file: Path) -> None:
    file.write_text(ACME)
    first, second, third = (line.subscription for line in import_csv(house, file))
    assert (first.email, first.account, first.reference) == ("ann@acme.example", "acme", "1")
    assert (first.schedule, first.timezone, first.language) == ("0 8 * * 1-5", "Europe/Berlin", "zh")
    assert (first.formats, first.attributes) == (["pdf", "xlsx"], {"depot": ["D01", "D05"]})
    assert first.only_if == ["urgent > 10", "has rows"]
    assert (second.schedule, second.formats, second.attributes) == ("30 6 * * *", [], {})
    assert third.cut == '{"depot": ["D02"]}'


def test_the_same_file_again_changes_nothing_and_another_only_where_it_is_wished(
    house: Settings, file: Path
) -> None:
    file.write_text(ACME)
    assert outcomes(house, file) == ["added"] * 3
    before = [(each.id, each.created_at) for each in book.listing(house)]
    assert outcomes(house, file) == outcomes(house, file, update=True) == ["unchanged"] * 3
    file.write_text(ACME.replace(",zh,", ",en,").replace("D02", "D03"))
    [first, _, third] = import_csv(house, file)
    assert (first.outcome, first.changes) == ("differs", ("language",))
    assert (third.outcome, third.changes) == ("differs", ("attributes",))
    assert [(each.id, each.created_at) for each in book.listing(house)] == before
    assert book.show(house, 1).language == "zh"
    changed = import_csv(house, file, update=True)
    assert [line.outcome for line in changed] == ["changed", "unchanged", "changed"]
    assert [line.subscription.language for line in changed] == ["en"] * 3
    assert (book.show(house, 1).language, book.show(house, 3).cut) == ("en", '{"depot": ["D03"]}')
    assert len(book.listing(house)) == 3


def test_without_ids_the_same_reader_report_and_rows_are_the_same_subscription(
    house: Settings, file: Path
) -> None:
    file.write_text("email,report\na@b.example,fleet-daily\n")
    assert outcomes(house, file) == ["added"]
    book.change(house, 1, schedule="mondays 07:00", language="zh")
    file.write_text("email,report,language\nA@B.example,fleet-daily,en\n")  # no column for the schedule
    assert outcomes(house, file, update=True) == ["changed"]
    kept = book.show(house, 1)
    assert (kept.language, kept.schedule) == ("en", "0 7 * * 1")


def test_who_left_is_not_taken_up_again(house: Settings, file: Path) -> None:
    file.write_text(ACME)
    import_csv(house, file)
    book.cancel(house, 2)
    assert outcomes(house, file, update=True) == ["unchanged", "cancelled", "unchanged"]
    assert book.show(house, 2).status == "cancelled"


def test_every_wrong_line_is_told_with_its_number_and_none_is_entered(house: Settings, file: Path) -> None:
    file.write_text(
        "\ufeffEmail,account,report,attributes,id,schedule\r\n"
        "good@acme.example,acme,fleet-daily,,1,\r\n"
        "\r\n"
        "x,acme,fleet-daily,,2,\r\n"
        "b@acme.example,acne,fleet-daily,,3,\r\n"
        'c@acme.example,acme,fleet-daily,"{""depot"": ",4,\r\n'
        'd@acme.example,acme,fleet-daily,"[1]",5,\r\n'
        'e@acme.example,acme,fleet-daily,"{""depot"": 1, ""depot"": 2}",6,\r\n'
        'f@acme.example,acme,fleet-daily,"{""\nward"": 1}",7,\r\n'
        "g@acme.example,acme,fleet-daily,,1,\r\n"
        "GOOD@acme.example,acme,fleet-daily,,9,\r\n"
        "h@acme.example,acme,fleet-daily,,10,never,more,cells\r\n"
        "i@acme.example,acme,fleet-daily,,11,at noon or so\r\n",
        "utf-8",
        newline="",
    )
    with pytest.raises(UsageError) as refused:
        import_csv(house, file)
    told = [line.strip() for line in str(refused.value).splitlines()]
    expected = [
        ("line 4:", "not an e-mail address"),
        ("line 5:", "Did you mean acme"),
        ("line 6:", "not JSON"),
        ("line 7:", "not a JSON object"),
        ("line 8:", "is there twice"),
        ("line 9:", "not JSON"),
        ("line 11:", "the id «1» as line 2"),
        ("line 12:", "the same as line 2"),
        ("line 13:", "8 cells for 6 columns"),
        ("line 14:", "not a schedule"),
    ]
    for line, (number, words) in zip(told[1:-1], expected, strict=True):
        assert line.startswith(number)
        assert words in line
    assert book.listing(house) == []


def test_an_id_stays_with_its_reader(house: Settings, file: Path) -> None:
    file.write_text(ACME)
    import_csv(house, file)
    file.write_text("email,account,report,id\ncat@acme.example,acme,fleet-daily,1\n")
    with pytest.raises(UsageError, match=r"line 2: The id «1» is that of subscription 1 \(ann@acme"):
        import_csv(house, file, update=True)
    file.write_text("email,account,report,id\nbob@acme.example,acme,fleet-daily,22\n")
    assert outcomes(house, file) == ["differs"]
    assert outcomes(house, file, update=True) == ["changed"]
    assert book.show(house, 2).reference == "22"


def test_a_change_that_would_make_two_of_one_is_told_with_its_line(house: Settings, file: Path) -> None:
    file.write_text(ACME)
    import_csv(house, file)
    head, ann = "email,account,report,attributes,id\n", "ann@acme.example,acme,fleet-daily"
    first, third = f'{ann},"{{""depot"": ""D07""}}",1\n', f'{ann},"{{""depot"": [""D01"", ""D05""]}}",3\n'
    file.write_text(head + third)
    with pytest.raises(UsageError, match=r"Line 2: ann@acme.example already has .* \(subscription 1\)"):
        import_csv(house, file, update=True)
    file.write_text(head + first + third)  # the first makes room
    assert outcomes(house, file, update=True) == ["changed", "changed"]
    assert book.show(house, 3).attributes == {"depot": ["D01", "D05"]}


def test_with_double_opt_in_every_reader_of_a_file_is_asked(house: Settings, file: Path) -> None:
    file.write_text(ACME)
    settings = house.model_copy(update={"mail": MailSettings(double_opt_in=True)})
    assert [line.subscription.status for line in import_csv(settings, file)] == ["pending"] * 3
    with Store(settings).session() as session:
        asked = session.scalars(select(Delivery.subscription_id).where(Delivery.kind == "confirmation")).all()
    assert sorted(asked) == [1, 2, 3]


def test_more_readers_than_the_plan_is_for_are_refused_together(house: Settings, file: Path) -> None:
    file.write_text(ACME + "cat@acme.example,acme,fleet-daily,,,,,,4,\n")
    with pytest.raises(UsageError, match="for 2 readers; these would be 3"):
        import_csv(house, file)
    assert book.listing(house) == []


WITH_UMLAUT = 'email,report,attributes,id\na@b.example,fleet-daily,"{""depot"": ""Köln""}",Ä-1\n'


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (WITH_UMLAUT.encode(), "utf-8"),
        (WITH_UMLAUT.encode("utf-8-sig"), "utf-8"),
        (WITH_UMLAUT.encode("utf-16"), "utf-8"),
        (WITH_UMLAUT.encode("latin-1"), "latin-1"),
        (WITH_UMLAUT.replace("\n", "\r\n").encode(), "utf-8"),
        (WITH_UMLAUT.replace("\n", "\r").encode(), "utf-8"),
        (("sep=,\n" + WITH_UMLAUT).encode(), "utf-8"),
        (("\n" + WITH_UMLAUT).encode(), "utf-8"),
        (WITH_UMLAUT.replace(",", ";").encode(), "utf-8"),
        (WITH_UMLAUT.replace(",", "\t").encode(), "utf-8"),
        (WITH_UMLAUT.replace("id\n", "id,,\n").replace("Ä-1\n", "Ä-1,,\n,,,,,\n").encode(), "utf-8"),
    ],
)
def test_a_file_is_read_as_programs_write_it(file: Path, content: bytes, encoding: str) -> None:
    file.write_bytes(content)
    [row] = rows_of(file, encoding)
    assert (row.email, row.report, row.problem) == ("a@b.example", "fleet-daily", "")
    assert row.wishes == {"attributes": {"depot": "Köln"}, "reference": "Ä-1"}


@pytest.mark.parametrize(
    ("content", "encoding", "complaint"),
    [
        (b"", "utf-8", "no column «email»"),
        (b"email\na@b.example\n", "utf-8", "no column «report»"),
        (b"email,report,colour\na@b.example,fleet-daily,red\n", "utf-8", "no column «colour»"),
        (b"email,report,email\n", "utf-8", "twice"),
        (WITH_UMLAUT.encode("latin-1"), "utf-8", r"line 2: this is not utf-8 text.*--encoding"),
        (WITH_UMLAUT.encode("latin-1"), "martian", "no encoding «martian»"),
        (b'email,"report\n', "utf-8", "line 1"),
        (b"\xff\xfe\x00", "utf-8", "not utf-16 text"),
        (b"email,report" + b",x" * 1_000_000, "utf-8", "no column «x»"),
        (b"\x00\x01\x02" * 100, "utf-8", "no column"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    file: Path, content: bytes, encoding: str, complaint: str
) -> None:
    file.write_bytes(content)
    with pytest.raises(UsageError, match=complaint) as refused:
        rows_of(file, encoding)
    assert len(str(refused.value)) < 1_000


def test_a_line_of_a_million_cells_and_one_of_a_million_letters_are_told(file: Path) -> None:
    head = "email,report\n"
    file.write_text(f"{head}a@b.example,fleet-daily{',' * 1_000_000}x\n{'a' * 1_000_000},fleet-daily\nc,d\n")
    many, long, good = rows_of(file)
    assert "1,000,002 cells for 2 columns" in many.problem
    assert "cannot be read as CSV" in long.problem
    assert (good.number, good.email, good.report) == (4, "c", "d")


def test_a_file_that_is_not_there_or_a_folder_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            rows_of(path)


separators = st.sampled_from(",;\t")
cells = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), max_size=12)


@given(
    st.lists(st.tuples(cells, cells), max_size=5), st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"])
)
def test_what_a_csv_writer_wrote_comes_back(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, str]], separator: str, ends: str
) -> None:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator, lineterminator=ends)
    writer.writerows([("email", "report"), *lines])
    file = tmp_path_factory.getbasetemp() / "written.csv"
    file.write_text(written.getvalue(), "utf-8", newline="")
    assert [(row.email, row.report) for row in rows_of(file)] == [line for line in lines if any(line)]


@given(st.text(max_size=30) | st.recursive(st.none() | st.text(max_size=3), st.lists).map(json.dumps))
def test_attributes_are_an_object_or_an_error_in_words(text: str) -> None:
    told = ""
    try:
        found: object = attributes_from(text)
    except ValueError as error:
        told, found = str(error), None
    assert isinstance(found, dict) or told.startswith("the attributes")


LONG = '{"a": 1' + "0" * 5000 + "}"


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": ' * 100_000, LONG, '{"a": NaN}'])
def test_monstrous_attributes_are_told(text: str) -> None:
    with pytest.raises(ValueError, match="attributes"):
        attributes_from(text)
