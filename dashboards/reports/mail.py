"""An issue as an e-mail: `mixed( alternative( plain, related( html, pictures ) ), files )`.

All equal readers get one rendering: it is encoded once, and for each of them only the headers and the end
of the two texts are. Nothing in it is left to chance: dates, ids and boundaries are given or derived, so the
same issue to the same recipient is the same bytes. What would begin another header is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_string
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache

from dashboards.numbers import day
from dashboards.reports import encoded
from dashboards.reports.enclosed import Attachment
from dashboards.reports.encoded import POLICY, Gapped
from dashboards.reports.page import GAP
from dashboards.reports.personal import Personal
from dashboards.reports.render import Issue
from dashboards.wording import TAGS

__all__ = ["POLICY", "Envelope", "Letter", "Sealed", "seal", "sealed"]

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_LIST_ID = re.compile(r"<[!-;=?-~]+>")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ADDRESS_OF_PAGE = re.compile(r"[!-;=?-~]+")  # printable, no space, none of <>
_LONGEST_ADDRESS = 254  # RFC 5321, as corrected
_LONGEST_LINE = 998  # RFC 5322, without its end


@dataclass(frozen=True)
class Envelope:
    """Who sends what to whom: what differs from one recipient of an issue to the next.

    `list_unsubscribe` is the page where one click ends it (RFC 8058), `unsubscribe` a `mailto:` for the same;
    `preferences` and `archive` are pages as well. "" leaves out what there is none of.
    """

    sender: str
    recipient: str
    message_id: str
    date: datetime
    list_id: str
    reply_to: str = ""
    unsubscribe: str = ""
    list_unsubscribe: str = ""
    preferences: str = ""
    archive: str = ""


@dataclass(frozen=True)
class Letter:
    """What is said to all alike; the lines for one reader go to `GAP` in `html` and to the end of `text`."""

    subject: str
    organisation: str
    language: str
    html: str
    text: str
    key: str  # boundaries derive from it
    pictures: Mapping[str, bytes]  # PNG by content id
    attachments: tuple[Attachment, ...] = ()
    why: str = ""  # it came to `{address}`; "" because of a subscription


@dataclass(frozen=True)
class Sealed:
    """A letter, encoded but for what is personal."""

    letter: Letter
    _text: Gapped
    _html: Gapped
    _before: bytes  # of the plain text
    _between: bytes  # after it, up to the page
    _after: bytes
    _kind: bytes  # the header that says how the parts are nested

    def mail(self, envelope: Envelope) -> bytes:
        """The mail to one recipient; raises ValueError for an address or a link that is none."""
        personal = Personal(
            envelope.recipient,
            envelope.list_unsubscribe or envelope.unsubscribe,
            envelope.preferences,
            envelope.archive,
            self.letter.why,
        )
        language = self.letter.language
        return b"".join(
            [
                _shared_headers(
                    self.letter.subject,
                    self.letter.organisation,
                    language,
                    envelope.sender,
                    envelope.list_id,
                    envelope.reply_to,
                ),
                _own_headers(envelope),
                self._kind,
                self._before,
                self._text.filled(personal.in_text(language)),
                self._between,
                self._html.filled(personal.in_html(language)),
                self._after,
            ]
        )


def sealed(issue: Issue) -> Sealed:
    """An issue, encoded once for all its readers."""
    return seal(letter_of(issue))


def letter_of(issue: Issue) -> Letter:
    """What an issue says to all its readers alike."""
    report = issue.report
    return Letter(
        subject=f"{issue.subject} – {day(report.as_of, report.language)}",
        organisation=report.organisation,
        language=report.language,
        html=issue.html,
        text=issue.text,
        key=issue.key,
        pictures={name: picture.png for name, picture in issue.pictures.items()},
        attachments=issue.attachments,
    )


def seal(letter: Letter) -> Sealed:
    """A letter, encoded once for all its readers."""
    before, _, after = letter.html.partition(GAP)
    text = encoded.gapped(letter.text.rstrip("\n") + "\n\n", "", "plain")
    page = encoded.gapped(before, after, "html")
    pictures = [
        encoded.file_part(png, "image/png", f"{name.split('.')[0]}.png", name)
        for name, png in letter.pictures.items()
    ]
    files = [encoded.file_part(each.content, each.kind, each.name) for each in letter.attachments]
    mixed, alternative, related = (f"=_{letter.key}_{number}" for number in range(3))
    before_text = encoded.opening(alternative) + text.headers + b"\r\n" + text.head
    between, after_page = encoded.opening(alternative), encoded.closing(alternative)
    kind = encoded.multipart("alternative", alternative)
    if pictures:
        between += encoded.multipart("related", related) + encoded.opening(related)
        after_page = encoded.listed(pictures, related) + after_page
    if files:
        before_text = encoded.opening(mixed) + kind + before_text
        after_page += encoded.listed(files, mixed)
        kind = encoded.multipart("mixed", mixed)
    between += page.headers + b"\r\n" + page.head
    return Sealed(letter, text, page, before_text, between, after_page, kind)


@lru_cache(maxsize=256)
def _shared_headers(
    subject: str, organisation: str, language: str, sender: str, list_id: str, reply_to: str
) -> bytes:
    """The headers that are the same for all, folded and encoded by the standard library."""
    message = EmailMessage(policy=POLICY)
    message["From"] = _sender(sender, organisation)
    message["List-Id"] = _checked(list_id, _LIST_ID, "list id")
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # Exchange does not know the header above
    if reply_to:
        message["Reply-To"] = _sender(reply_to, "")
    message["Content-Language"] = TAGS[language]
    first = f"MIME-Version: 1.0\r\n{_subject(_on_one_line(subject))}"
    return first.encode("ascii") + message.as_bytes().rstrip(b"\r\n") + b"\r\n"


def _subject(text: str) -> str:
    """The line of the subject, folded. Where the standard library breaks it between two encoded words it
    loses the space there (RFC 2047, 6.2); its older way keeps it within them.
    """
    folded = str(POLICY.header_factory("Subject", text).fold(policy=POLICY))
    if message_from_string(folded, policy=POLICY)["Subject"] == text:
        return folded
    words = Header(text, "utf-8", header_name="Subject").encode(linesep="\r\n")
    return f"Subject: {words}\r\n"


def _own_headers(envelope: Envelope) -> bytes:
    """The headers of one recipient. Written here: the standard library turns long links to encoded words."""
    lines = [
        f"To: {_recipient(envelope.recipient)}",
        f"Date: {format_datetime(envelope.date)}",
        f"Message-ID: {_checked(envelope.message_id, _MESSAGE_ID, 'message id')}",
    ]
    leaving = [
        f"<{_checked(link, _ADDRESS_OF_PAGE, 'link')}>"
        for link in (envelope.list_unsubscribe, envelope.unsubscribe)
        if link
    ]
    if leaving:
        lines.append("List-Unsubscribe: " + ",\r\n ".join(leaving))
    if envelope.list_unsubscribe:
        lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _checked(text: str, form: re.Pattern[str], name: str) -> str:
    if not form.fullmatch(text) or len(text) > _LONGEST_LINE - len("List-Unsubscribe: <>,"):
        raise ValueError(f"«{text[:80]}» is not a {name}.")
    return text


def _recipient(address: str) -> str:
    """The address as it stands in a header. All but the rarest need no parser."""
    if _PLAIN_ADDRESS.fullmatch(address) and len(address) <= _LONGEST_ADDRESS:
        return address
    parsed = _address(address).addr_spec
    if parsed != address or not parsed.isascii() or len(parsed) > _LONGEST_ADDRESS:
        raise ValueError(f"«{address[:80]}» is not an e-mail address.")
    return parsed


def _on_one_line(text: str) -> str:
    """A name that may quote what somebody called a table; a line break would begin another header."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def _sender(text: str, name: str) -> Address:
    """The sender as set, `a@b` or `Name <a@b>`; `name` stands where no name was given."""
    given, bracket, address = text.rpartition("<")
    name = given.strip().strip('"') or name
    return _address(address.rstrip("> ") if bracket else text.strip(), _on_one_line(name))


def _address(address: str, name: str = "") -> Address:
    """One bare address; raises ValueError where it is none."""
    try:
        return Address(display_name=name, addr_spec=address)
    except (ValueError, MessageError, IndexError) as error:
        raise ValueError(f"«{address[:80]}» is not an e-mail address.") from error
