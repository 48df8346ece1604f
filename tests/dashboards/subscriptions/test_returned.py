"""What messages in the bounce mailbox tell, in the manner of several mail systems."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.subscriptions.returns.returned import Returned, returned, status_in
from tests.dashboards.subscriptions import returned_mails as mails

DOMAIN = "lists.example.org"


def told(content: bytes) -> Returned:
    found = returned(content, DOMAIN)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("content", "kind", "status", "words"),
    [
        (mails.postfix(), "hard", "5.1.1", "Recipient address rejected: User unknown in virtual mailbox"),
        (mails.postfix("4.4.1"), "soft", "4.4.1", "550 4.4.1"),
        (mails.postfix("4.2.2", "delayed"), "delayed", "4.2.2", "550 4.2.2"),
        (mails.postfix("2.0.0", "relayed"), "delivered", "2.0.0", ""),
        (mails.exchange(), "hard", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound"),
        (mails.gmail(), "hard", "5.2.1", "The account that you tried to reach is disabled"),
        (mails.without_a_copy(), "hard", "5.0.0", "5.0.0"),
        (mails.international(), "hard", "5.1.1", "550 5.1.1 用户不存在"),
        (mails.exim(), "hard", "5.1.1", "550 5.1.1 Unknown user"),
        (mails.exim("4.2.2"), "delayed", "4.2.2", "550 4.2.2"),
        (mails.qmail(), "hard", "5.1.1", "no mailbox here by that name"),
        (mails.complaint(), "complaint", "", "abuse, as told by ExampleFBL/1.0"),
    ],
    ids=(
        "postfix",
        "final",
        "put-off",
        "relayed",
        "exchange",
        "gmail",
        "bare",
        "global",
        "exim",
        "exim-4",
        "qmail",
        "arf",
    ),
)
def test_each_mail_system_is_understood(content: bytes, kind: str, status: str, words: str) -> None:
    found = told(content)
    assert found.message_id == mails.MESSAGE_ID
    (fate,) = found.fates
    assert (fate.kind, fate.status) == (kind, status)
    assert words in fate.answer
    assert fate.answer.isprintable()


def test_the_reader_is_named_where_the_message_names_one() -> None:
    assert told(mails.postfix()).fates[0].recipient == mails.READER
    assert told(mails.international()).fates[0].recipient == "安娜@example.cn"
    assert told(mails.exim()).fates[0].recipient == mails.READER


@pytest.mark.parametrize(
    "content",
    [
        mails.out_of_office(),
        mails.exim(returned=mails.original("<somebody@elsewhere.example>")),
        mails.exim(returned=mails.original() + f"References: <another@{DOMAIN}>\r\n"),
        mails.exim().replace(b"550 5.1.1 Unknown", b"550 Unknown"),
        mails.exim().replace(b"550 5.1.1 Unknown user", b"550 5.1.1 Unknown user\r\n    or 450 4.2.2 full"),
        mails.qmail()
        .replace(b"MAILER-DAEMON", b"bob")
        .replace(b"Return-Path: <>", b"Return-Path: <bob@x.org>"),
        mails.complaint("not-spam"),
        mails.complaint("auth-failure"),
        b"",
        b"\xff\xfe\x00not a message",
        mails.postfix()[:700],
        mails.postfix().replace(mails.MESSAGE_ID.encode(), mails.MESSAGE_ID.replace("@", "\0@").encode()),
    ],
    ids=(
        "away",
        "other",
        "two-ids",
        "no-code",
        "two-codes",
        "person",
        "not-spam",
        "dmarc",
        "empty",
        "binary",
        "torn",
        "control",
    ),
)
def test_what_is_not_certain_tells_nothing(content: bytes) -> None:
    assert returned(content, DOMAIN) is None


def test_a_code_in_the_copy_of_the_mail_or_in_a_version_is_not_the_answer() -> None:
    assert b"550 5.7.1" in mails.exim()
    assert b"4.9.6 at 192.5.1.7" in mails.exim()
    assert told(mails.exim()).fates[0].status == "5.1.1"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("550 5.1.1 no such user", "5.1.1"),
        ("550 no such user", "5.1.0"),
        ("553 sorry", "5.1.0"),
        ("554 rejected as spam, see 10.5.1.1", "5.0.0"),
        ("452 try later", "4.0.0"),
        ("", "5.0.0"),
    ],
)
def test_an_answer_without_an_enhanced_code_is_read_by_its_plain_one(answer: str, status: str) -> None:
    assert status_in(answer) == status


@given(st.sampled_from((mails.postfix(), mails.gmail(), mails.exim(), mails.complaint())), st.data())
def test_a_damaged_message_is_told_of_or_not_but_never_fails(content: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content)))
        gone = data.draw(st.integers(0, 40))
        content = content[:place] + data.draw(st.binary(max_size=8)) + content[place + gone :]
    found = returned(content, DOMAIN)
    assert found is None or all(fate.answer.isprintable() for fate in found.fates)


def test_a_mail_of_empty_lines_is_read_in_no_time() -> None:
    """Anybody can send one; looked through again from each of its lines, it would stop all sending."""
    assert returned(mails.exim() + b"\r\n" * 500_000, DOMAIN) == returned(mails.exim(), DOMAIN)
