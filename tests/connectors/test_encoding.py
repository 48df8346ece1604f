"""Encodings are found from the bytes, wherever the first accented letter stands."""

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.files.encoding import scan, transcode
from tests.connectors.reading import rejected_of, rows_of

SAMPLES = {
    "French": ("cp1252", ["Hélène", "Château", "garçon", "Noël", "à côté", "crème brûlée", "où"]),
    "German": ("cp1252", ["Müller", "Straße", "Köln", "Jäger", "Überweisung", "größer"]),
    "Spanish": ("cp1252", ["Muñoz", "Peña", "José", "García", "año", "también", "Málaga"]),
    "Portuguese": ("cp1252", ["São Paulo", "João", "Conceição", "irmão", "avô", "três", "coração"]),
    "Swedish": ("cp1252", ["Malmö", "Göteborg", "Åsa", "Jönköping", "Björk", "Västerås"]),
    "Danish": ("cp1252", ["København", "Århus", "Sørensen", "Kjær", "Næstved"]),
    "Polish": ("cp1250", ["Łódź", "Kraków", "Świętochłowice", "Wałęsa", "źródło", "żółw", "Gdańsk"]),
    "Czech": ("cp1250", ["Dvořák", "Plzeň", "Růžička", "Žižkov", "Čech", "děkuji", "příjem"]),
    "Hungarian": ("cp1250", ["Győr", "Székesfehérvár", "fű", "hűtő", "Pál", "őszinte", "Erdős"]),
    "Chinese": ("gb18030", ["北京", "客户姓名", "订单金额", "张伟", "违约", "物流公司", "龘"]),
}


@pytest.mark.parametrize(("encoding", "words"), SAMPLES.values(), ids=SAMPLES)
def test_the_encoding_of_a_language_is_found(encoding: str, words: list[str]) -> None:
    text = "id,name\n" + "".join(f"{number},{word}\n" for number, word in enumerate(words))
    assert scan(io.BytesIO(text.encode(encoding))).encoding == encoding


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(language=st.sampled_from(sorted(SAMPLES)), data=st.data())
def test_text_comes_back_from_its_encoding(tmp_path: Path, language: str, data: st.DataObject) -> None:
    encoding, words = SAMPLES[language]
    drawn = data.draw(st.lists(st.sampled_from(words), min_size=4, max_size=30)) + words
    path = tmp_path / "names.csv"
    lines = "".join(f"{number},{word}\n" for number, word in enumerate(drawn))
    path.write_bytes(f"id,name\n{lines}".encode(encoding))
    assert [row["name"] for row in rows_of(path)] == drawn


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_in_every_form_with_a_mark(encoding: str, tmp_path: Path) -> None:
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    path = tmp_path / "a.csv"
    path.write_bytes(mark + "id,name\n1,Łódź 北京\n2,é\n".encode(encoding))
    assert rows_of(path) == [{"id": "1", "name": "Łódź 北京"}, {"id": "2", "name": "é"}]


def test_the_one_accented_letter_in_the_last_line_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n" + b"1,plain\n" * 400_000 + "2,Müller\n".encode("latin-1"))
    assert rows_of(path)[-1] == {"id": "2", "name": "Müller"}


def test_one_damaged_line_does_not_make_utf8_latin(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("id,name\n1,Müller\n2,José\n3,Åsa\n".encode() + b"4,bro\xe9ken\n5,Zo\xc3\xab\n")
    assert [row["name"] for row in rows_of(path)] == ["Müller", "José", "Åsa", "Zoë"]
    (piece,) = rejected_of(path)
    assert (piece.position, "no text" in piece.reason) == (5, True)


def test_an_impossible_byte_rejects_its_line_only(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("编号,姓名\n1,张伟\n2,".encode("gb18030") + b"\xff" + "李\n3,王芳\n".encode("gb18030"))
    assert [row["姓名"] for row in rows_of(path, encoding="gb18030")] == ["张伟", "王芳"]
    assert [piece.position for piece in rejected_of(path, encoding="gb18030")] == [3]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_transcoding_keeps_every_character(tmp_path: Path, text: str, encoding: str) -> None:
    transcode(io.BytesIO(text.encode(encoding)), encoding, tmp_path / "out")
    assert (tmp_path / "out").read_bytes().decode() == text.removeprefix(
        "\ufeff" if encoding == "utf-16" else ""
    )
