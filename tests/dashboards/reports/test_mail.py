"""The mail as a mail program reads it: parsed back, and held against what the standard library writes."""

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime
from typing import Any, cast

import pytest
from hypothesis import example as tried
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.reports.enclosed import Attachment
from dashboards.reports.mail import Envelope, Letter, seal, sealed
from dashboards.reports.page import GAP
from dashboards.reports.personal import Personal
from dashboards.reports.render import render
from tests.dashboards.reports.example import PERIOD, example

TOKEN = "aGVsbG8" * 25
ENVELOPE = Envelope(
    sender="reports@bank.example",
    recipient="ana@bank.example",
    message_id="<example.20261123T070000Z.0123456789abcdef01234567@bank.example>",
    date=PERIOD,
    list_id="<example.bank.example>",
    reply_to="desk@bank.example",
    unsubscribe="mailto:desk@bank.example?subject=unsubscribe%20example",
    list_unsubscribe=f"https://bank.example/unsubscribe/{TOKEN}",
    preferences=f"https://bank.example/preferences/{TOKEN}",
    archive=f"https://bank.example/archive/{TOKEN}",
)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
FILES = (
    Attachment("report.pdf", "application/pdf", b"%PDF-" + bytes(300)),
    Attachment("größe 表.csv", "text/csv", "\ufeffa,b\r\n1,ü\r\n".encode()),
)
# What bites in transport: lines of a period, of "From ", too long, empty, ending in blanks, and all letters.
PIECES = st.one_of(
    st.sampled_from(
        ["\n", "\r\n", "\r", "\n.\n", ".", "From x\n", "=", "=3D", " \n", "\t\n", "é", "表" * 90, "a" * 2000]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=90),
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def letter(
    text: str = "Text\n",
    above: str = "<p>Ä",
    below: str = "</p>",
    pictures: int = 1,
    files: tuple[Attachment, ...] = FILES,
) -> Letter:
    shown = {f"chart{number}.example@report": PNG for number in range(pictures)}
    return Letter("Example – Nov 22", "Nord & Süd", "en", above + GAP + below, text, "0" * 24, shown, files)


def received(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def reference(of: Letter, envelope: Envelope) -> EmailMessage:
    """The same mail, made part by part with `EmailMessage`."""
    personal = Personal(envelope.recipient, envelope.list_unsubscribe, envelope.preferences, envelope.archive)
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit", max_line_length=990))
    message["Subject"] = of.subject
    message["From"] = Address(of.organisation, addr_spec=envelope.sender)
    message["To"] = envelope.recipient
    message["Reply-To"] = envelope.reply_to
    message["Date"] = format_datetime(envelope.date)
    message["Message-ID"] = envelope.message_id
    message["List-Id"] = envelope.list_id
    message["List-Unsubscribe"] = f"<{envelope.list_unsubscribe}>, <{envelope.unsubscribe}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    message.set_content(of.text.rstrip("\n") + "\n\n" + personal.in_text("en"))
    message.add_alternative(of.html.replace(GAP, personal.in_html("en")), subtype="html")
    page = cast("list[EmailMessage]", message.get_payload())[1]
    for name, png in of.pictures.items():
        file = f"{name.split('.')[0]}.png"
        page.add_related(png, "image", "png", cid=f"<{name}>", disposition="inline", filename=file)
    for each in of.attachments:
        main, sub = each.kind.split("/")
        params = {"charset": "utf-8"} if main == "text" else {}
        message.add_attachment(each.content, main, sub, filename=each.name, params=params)
    message["Content-Language"] = "en"
    return received(message.as_bytes())


def parts(message: EmailMessage) -> list[tuple[Any, ...]]:
    """What a reader's program makes of each part, in order."""
    return [
        (
            part.get_content_type(),
            part.get_content_charset(),
            part.get_filename(),
            part.get_content_disposition(),
            part["Content-ID"],
            None if part.is_multipart() else content(part),
            [type(defect).__name__ for defect in part.defects],
        )
        for part in message.walk()
    ]


def content(part: Any) -> bytes:
    raw = cast("bytes", part.get_payload(decode=True))
    if part.get_content_maintype() != "text" or part.get_filename():
        return raw
    # The standard library ends every text with a line; which ends of lines it uses it takes from the policy.
    return b"\n".join(raw.splitlines()).rstrip(b"\n")


def assert_fit_for_transport(mail: bytes) -> None:
    lines = mail.split(b"\r\n")
    assert mail.isascii()
    assert mail.count(b"\n") == mail.count(b"\r") == len(lines) - 1
    assert max(map(len, lines)) <= 998
    assert not any(line.startswith(b".") for line in lines)
    assert mail.endswith(b"\r\n")


@settings(max_examples=40, deadline=None)
@given(TEXTS, TEXTS, TEXTS, st.integers(0, 2), st.integers(0, 2))
@tried("", "", "", 0, 0)
@tried(".\n..\nFrom x", "." * 2000, "\n.\n", 1, 0)
@tried("表\n" * 57, "表" * 1000, "ü", 0, 1)
def test_a_mail_is_what_the_standard_library_would_have_written(
    text: str, above: str, below: str, pictures: int, files: int
) -> None:
    of = letter(text, f"{above}<td>", below, pictures, FILES[:files])
    mail = seal(of).mail(ENVELOPE)
    got, expected = received(mail), reference(of, ENVELOPE)
    assert_fit_for_transport(mail)
    assert parts(got) == parts(expected)
    assert {name: str(value) for name, value in got.items() if name != "Content-Type"} == {
        name: str(value)
        for name, value in expected.items()
        if name not in ("Content-Type", "Content-Transfer-Encoding")
    }


def test_the_parts_are_nested_as_mail_programs_expect() -> None:
    message = received(sealed(render(example(), ("pdf", "xlsx", "csv"))).mail(ENVELOPE))
    body, *files = message.iter_parts()
    assert message.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in body.iter_parts()] == ["text/plain", "multipart/related"]
    assert [file.get_filename() for file in files] == [
        "example-2026-11-22.pdf",
        "example-2026-11-22.xlsx",
        "example-2026-11-22-carriers.csv",
    ]
    assert {file.get_content_disposition() for file in files} == {"attachment"}


def test_readers_differ_in_their_headers_and_their_footer_only() -> None:
    of = sealed(render(example("zh"), ("csv",)))
    other = replace(ENVELOPE, recipient="bo@bank.example", preferences="https://bank.example/p/other")
    first, second = received(of.mail(ENVELOPE)), received(of.mail(other))
    mine, yours = (body(each, "plain").splitlines() for each in (first, second))
    assert [pair for pair in zip(mine, yours, strict=True) if pair[0] != pair[1]] == [
        ("您收到此邮件，是因为 ana@bank.example 已订阅。", "您收到此邮件，是因为 bo@bank.example 已订阅。"),
        (f"更改订阅设置: {ENVELOPE.preferences}", f"更改订阅设置: {other.preferences}"),
    ]
    assert body(second, "html").count(other.preferences) == 1
    assert ENVELOPE.preferences not in body(second, "html")
    assert "ana@bank.example" not in str(second)
    assert [parts(each)[5:] for each in (first, second)] == [parts(first)[5:]] * 2


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_leaving_takes_one_click_from_the_header_or_the_text() -> None:
    message = received(sealed(render(example())).mail(ENVELOPE))
    assert message["List-Unsubscribe"] == f"<{ENVELOPE.list_unsubscribe}>, <{ENVELOPE.unsubscribe}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        for link in (ENVELOPE.list_unsubscribe, ENVELOPE.preferences, ENVELOPE.archive):
            assert link in body(message, kind)


def test_what_there_is_no_link_for_is_left_out() -> None:
    without = replace(ENVELOPE, list_unsubscribe="", preferences="", archive="", unsubscribe="", reply_to="")
    message = received(sealed(render(example())).mail(without))
    assert not {"List-Unsubscribe", "List-Unsubscribe-Post", "Reply-To"} & set(message.keys())
    assert "Past issues" not in body(message, "html")
    by_mail = replace(without, unsubscribe="mailto:desk@bank.example")
    message = received(sealed(render(example())).mail(by_mail))
    assert message["List-Unsubscribe"] == "<mailto:desk@bank.example>"
    assert message["List-Unsubscribe-Post"] is None
    assert "Unsubscribe: mailto:desk@bank.example" in body(message, "plain")


@pytest.mark.parametrize(
    ("sender", "shown"),
    [
        ("reports@bank.example", "Nord & Süd <reports@bank.example>"),
        ("Bank, Ltd <reports@bank.example>", '"Bank, Ltd" <reports@bank.example>'),
        ("银行 <reports@bank.example>", "银行 <reports@bank.example>"),
    ],
)
def test_the_sender_has_a_name(sender: str, shown: str) -> None:
    mail = seal(letter()).mail(replace(ENVELOPE, sender=sender))
    assert_fit_for_transport(mail)
    assert received(mail)["From"] == shown


@pytest.mark.parametrize(
    "recipient",
    [
        "a@b.example\r\nBcc: all@b.example",
        "a@b.example\nBcc: all@b.example",
        "a@b.example\x00",
        "a@b.example, c@d.example",
        "nobody",
        "a b@c.example",
        "a@b@c.example",
        "Name <a@b.example>",
        "",
        "@c.example",
        "ü@c.example",
        "a@b.example ",
        "a" * 400 + "@b.example",
    ],
)
def test_an_address_that_is_none_makes_no_mail(recipient: str) -> None:
    with pytest.raises(ValueError, match="is not an e-mail address"):
        seal(letter()).mail(replace(ENVELOPE, recipient=recipient))


@given(
    st.sampled_from(
        ["recipient", "message_id", "list_unsubscribe", "unsubscribe", "sender", "reply_to", "list_id"]
    ),
    st.text(max_size=20),
    st.sampled_from(["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\x00", ">", "\r\n "]),
    st.text(max_size=20),
)
def test_nothing_in_an_envelope_begins_another_header(place: str, before: str, end: str, after: str) -> None:
    names = set(received(seal(letter()).mail(ENVELOPE)).keys())
    evil: dict[str, Any] = {place: f"{before}{end}Bcc: x@y.example{after}"}
    try:
        mail = seal(letter()).mail(replace(ENVELOPE, **evil))
    except ValueError:
        return
    assert set(received(mail).keys()) <= names
    assert_fit_for_transport(mail)


def test_a_title_cannot_begin_another_header_either() -> None:
    of = replace(letter(), subject="A\r\nBcc:\x00 all@b.example", organisation="B\nCc: x@y.example")
    message = received(seal(of).mail(ENVELOPE))
    assert message["Subject"] == "A Bcc: all@b.example"
    assert message["Bcc"] is message["Cc"] is None


def test_quoted_addresses_stay_what_they_are() -> None:
    message = received(seal(letter()).mail(replace(ENVELOPE, recipient='"a b"@c.example')))
    assert message["To"].addresses[0].addr_spec == '"a b"@c.example'


def test_boundaries_come_from_the_key_and_occur_in_no_part() -> None:
    mail = seal(letter(text="=_000000000000000000000000_0\n--=_000000000000000000000000_1\n")).mail(ENVELOPE)
    found = re.findall(rb'boundary="(.+?)"', mail)
    assert found == [b"=_" + b"0" * 24 + b"_%d" % number for number in range(3)]
    assert len(received(mail).get_payload()) == 3  # the texts and two files


def test_the_same_issue_to_the_same_reader_is_the_same_bytes() -> None:
    first, second = (sealed(render(example("zh"), ("pdf", "xlsx", "csv"))) for _ in range(2))
    assert first.mail(ENVELOPE) == second.mail(ENVELOPE)
    later = replace(ENVELOPE, date=datetime(2026, 11, 24, tzinfo=UTC))
    assert first.mail(later) != first.mail(ENVELOPE)


def digest() -> str:
    """Of the whole mail with all its files."""
    mail = sealed(render(example("zh"), ("pdf", "xlsx", "csv"))).mail(ENVELOPE)
    return hashlib.sha256(mail).hexdigest()


def test_another_process_makes_the_same_bytes() -> None:
    program = "from tests.dashboards.reports.test_mail import digest; print(digest())"
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Kathmandu"}
    other = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    assert other.stdout.strip() == digest()
