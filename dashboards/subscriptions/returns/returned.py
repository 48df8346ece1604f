"""What a message in the bounce mailbox says came of a mail of ours: a report, a complaint, or nothing.

Delivery status notifications are RFC 3464 (in the multipart/report of RFC 6522; RFC 6533 for international
addresses), complaints RFC 5965. Of notifications in plain text only those are believed that come from a mail
system and hold exactly one Message-ID of ours and exactly one enhanced status code (RFC 3463).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import HeaderParser
from email.utils import parseaddr
from typing import Literal

Kind = Literal[
    "hard",  # the mail did not arrive, and the next one would not either
    "soft",  # it did not arrive, for a reason that may pass
    "delayed",  # the server goes on trying
    "delivered",
    "complaint",
]

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\d|\.\d)")
# In running text a version or an address looks the same: there the code must follow what announces one.
_ANNOUNCED = re.compile(
    r"(?:\b[45]\d\d[ \-]#?|#|\bstatus:\s*)([45]\.\d{1,3}\.\d{1,3})(?!\d|\.\d)", re.IGNORECASE
)
_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")  # printable ASCII but `<>@`: nothing that a database refuses
# Where a copy of the mail begins in a notification of plain text: what follows is not about its fate.
# Looked for within each line: over many empty ones, a mail of nothing else would take hours.
_COPY = re.compile(
    r"^[> \t]*(?:received|return-path|message-id|dkim-signature|subject|from|date):",
    re.IGNORECASE | re.MULTILINE,
)
_SYSTEMS = ("mailer-daemon", "postmaster", "mail-daemon", "maildaemon")
_UNWANTED = ("abuse", "fraud", "opt-out", "opt-out-list")
_HEADERS_ONLY = ("text/rfc822-headers", "message/global-headers")
_WHOLE = ("message/rfc822", "message/global")
_LONGEST_ANSWER = 500
_OCTETS = "surrogateescape"  # how the parser keeps what is not ASCII


@dataclass(frozen=True)
class Fate:
    """What came of a mail for one recipient; `answer` is what the last server said."""

    kind: Kind
    recipient: str
    status: str
    answer: str


@dataclass(frozen=True)
class Returned:
    """Which mail a message is about, and what it says of each recipient."""

    message_id: str
    fates: tuple[Fate, ...]


def returned(content: bytes, list_domain: str) -> Returned | None:
    """What the message `content` tells of a mail whose Message-ID ends in `list_domain`; None: nothing."""
    message = message_from_bytes(content)
    for part in message.walk():
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            return _about(_original_id(message, part, list_domain), tuple(_fates(part)))
        if part.get_content_type() == "message/feedback-report":
            return _about(_original_id(message, part, list_domain), tuple(_complaint(part)))
    return _from_text(message, list_domain)


def status_in(answer: str) -> str:
    """The enhanced status code that a server's answer holds, else «5.1.0» or such for its plain code."""
    if found := _STATUS.search(answer):
        return found[1]
    code = answer[:3]
    # RFC 5321, 4.2.3: of the plain codes these are about the mailbox.
    return f"{code[0]}.1.0" if code in ("450", "550", "551", "553") else f"{code[:1] or 5}.0.0"


def _about(message_id: str, fates: tuple[Fate, ...]) -> Returned | None:
    return Returned(message_id, fates) if message_id and fates else None


def _fates(part: Message) -> Iterator[Fate]:
    """One for each recipient; the first block is about the message as a whole."""
    for block in _blocks(part):
        address = _typed(block, "Original-Recipient") or _typed(block, "Final-Recipient")
        if address:
            yield _fate(block, address)


def _fate(block: Message, address: str) -> Fate:
    answer = _typed(block, "Diagnostic-Code")
    given = _STATUS.search(_text(block["Status"]))
    status = given[1] if given else status_in(answer)
    told = _STATUS.search(answer)
    if told and status.endswith(".0.0") and told[1][0] == status[0]:
        status = told[1]
    action = _text(block["Action"]).split("(")[0].strip().casefold()
    action = action or {"5": "failed", "4": "delayed"}.get(status[0], "delivered")
    return Fate(_kind(action, status), address, status, _words(status, answer))


def _kind(action: str, status: str) -> Kind:
    if action == "failed":
        return "hard" if status.startswith("5") else "soft"
    return "delayed" if action == "delayed" else "delivered"


def _complaint(part: Message) -> Iterator[Fate]:
    for block in _blocks(part):
        kind = _text(block["Feedback-Type"]).strip().casefold()
        if kind in _UNWANTED:
            told = _words("", f"{kind}, as told by {_text(block['User-Agent']) or 'the mail provider'}")
            yield Fate("complaint", parseaddr(_text(block["Original-Rcpt-To"]))[1], "", told)


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields in a part, however the parser left them."""
    payload = part.get_payload()
    groups = payload if isinstance(payload, list) else [payload]
    for group in groups:
        octets = group.as_bytes() if isinstance(group, Message) else str(group).encode("ascii", _OCTETS)
        for fields in re.split(r"\r?\n[ \t]*\r?\n", octets.decode("utf-8", "replace")):
            if fields.strip():
                yield HeaderParser().parsestr(fields.strip("\r\n"))


def _original_id(message: Message, report: Message, list_domain: str) -> str:
    """The Message-ID of the mail that came back: from its copy, else from what the notification answers."""
    holder = next((each for each in message.walk() if _holds(each, report)), message)
    parts = holder.get_payload()
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, Message) and part.get_content_type() in (*_WHOLE, *_HEADERS_ONLY):
            found = _ID.search(_text(_headers(part)["Message-ID"]))
            if found:
                return found[0]
    answered = {
        each for name in ("In-Reply-To", "References") for each in _ours(_text(message[name]), list_domain)
    }
    return answered.pop() if len(answered) == 1 else ""


def _holds(whole: Message, part: Message) -> bool:
    payload = whole.get_payload()
    return isinstance(payload, list) and any(each is part for each in payload)


def _headers(part: Message) -> Message:
    payload = part.get_payload()
    if isinstance(payload, list):
        return payload[0] if payload and isinstance(payload[0], Message) else Message()
    decoded = part.get_payload(decode=True)
    text = decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else str(payload)
    return HeaderParser().parsestr(text.lstrip())


def _from_text(message: Message, list_domain: str) -> Returned | None:
    if not _from_a_mail_system(message):
        return None
    text = "\n".join(_texts(message))
    ids, codes = _ours(text, list_domain), set(_ANNOUNCED.findall(_COPY.split(text, maxsplit=1)[0]))
    if len(ids) != 1 or len(codes) != 1:
        return None
    status = codes.pop()
    line = next((line for line in text.splitlines() if status in line), "")
    # Whether a 4.x.x was the last word, plain text does not tell.
    kind: Kind = "hard" if status.startswith("5") else "delayed"
    recipient = parseaddr(_text(message["X-Failed-Recipients"]))[1]
    return Returned(ids.pop(), (Fate(kind, recipient, status, _words(status, line)),))


def _from_a_mail_system(message: Message) -> bool:
    """Not a person, and not a person's «out of office» (RFC 3834)."""
    if _text(message["Auto-Submitted"]).strip().casefold().startswith("auto-replied"):
        by_hand = not message["X-Failed-Recipients"]  # Exim says auto-replied of its notifications
        if by_hand:
            return False
    sender = parseaddr(_text(message["From"]))[1].partition("@")[0].casefold()
    return sender in _SYSTEMS or _text(message["Return-Path"]).strip() == "<>"


def _texts(message: Message) -> Iterator[str]:
    """Every text of a message, with the headers of the mails inside it."""
    for part in message.walk():
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield payload.decode("utf-8", "replace")
        elif part.get_content_type() in _WHOLE:
            yield f"Message-ID: {_text(_headers(part)['Message-ID'])}"


def _ours(text: str, list_domain: str) -> set[str]:
    return {each for each in _ID.findall(text) if each.casefold().endswith(f"@{list_domain.casefold()}>")}


def _typed(block: Message, name: str) -> str:
    """A field of the form `rfc822; ann@example.org` without its type."""
    kind, semicolon, value = _text(block[name]).partition(";")
    return (value if semicolon else kind).strip()


def _words(status: str, answer: str) -> str:
    """What the server said, on one line, with the code in front where it does not hold it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in answer).split())
    told = line if status in line else f"{status} {line}".strip()
    return told[:_LONGEST_ANSWER]


def _text(value: object) -> str:
    return "" if value is None else str(value)
