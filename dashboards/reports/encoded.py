"""MIME, written out: parts as bytes that can be joined, and parts with a gap to be filled for each reader.

An encoded text cannot be changed in its middle. So a text with a gap is encoded up to it once; what stands
in the gap and after it is encoded for each reader (quoted-printable by lines, base64 by whole lines of 57
bytes). Lines end in CRLF and have at most 78 letters; none begins with a period, so none has to be stuffed.
"""

import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import MIMEPart
from email.policy import SMTP

# Seven-bit throughout: no server on the way has to be asked whether it takes eight.
POLICY = SMTP.clone(cte_type="7bit")
_BASE64_LINE = 57  # bytes that make a line of 76 letters
_PERIOD = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """A MIME part: what stands in the headers of its content, and its encoded content."""

    headers: bytes
    body: bytes

    @property
    def content(self) -> bytes:
        return self.headers + b"\r\n" + self.body


@dataclass(frozen=True)
class Gapped:
    """A text part with a gap: `head` is encoded; `rest` and `tail` come before and after the gap."""

    headers: bytes
    head: bytes
    rest: bytes
    tail: bytes
    encode: Callable[[bytes], bytes]

    def filled(self, personal: str) -> bytes:
        """The encoded end of the part, from `head` on, with `personal` in its gap."""
        return self.encode(self.rest + _with_crlf(personal) + self.tail)


def gapped(before: str, after: str, subtype: str) -> Gapped:
    """A text in two halves, the first ending with a line, encoded the shorter way."""
    head, tail = _with_crlf(before), _with_crlf(after)
    kind = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: '.encode()
    quoted = _quoted(head)
    if len(quoted) <= len(head) * 4 // 3:
        return Gapped(kind + b"quoted-printable\r\n", quoted, b"", tail, _quoted)
    whole = len(head) // _BASE64_LINE * _BASE64_LINE
    return Gapped(kind + b"base64\r\n", _base64(head[:whole]), head[whole:], tail, _base64)


def file_part(content: bytes, kind: str, name: str, content_id: str = "") -> Part:
    """A file in base64: attached under `name`, or shown where its `content_id` stands."""
    part = MIMEPart(policy=POLICY)
    main, sub = kind.split("/")
    part["Content-Type"] = f"{main}/{sub}" + ('; charset="utf-8"' if main == "text" else "")
    part["Content-Transfer-Encoding"] = "base64"
    part.add_header("Content-Disposition", "inline" if content_id else "attachment", filename=name)
    if content_id:
        part["Content-ID"] = f"<{content_id}>"
    return Part(part.as_bytes().rstrip(b"\r\n") + b"\r\n", _base64(content))


def multipart(subtype: str, boundary: str) -> bytes:
    """The header of parts that `opening` follows at once."""
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n'.encode()


def opening(boundary: str) -> bytes:
    """What stands before each part; the line break in front belongs to it, or ends the headers (RFC 2046)."""
    return f"\r\n--{boundary}\r\n".encode()


def listed(parts: Iterable[Part], boundary: str) -> bytes:
    """Parts as the last ones of a multipart."""
    return b"".join(opening(boundary) + part.content for part in parts) + closing(boundary)


def closing(boundary: str) -> bytes:
    return f"\r\n--{boundary}--\r\n".encode()


def _with_crlf(text: str) -> bytes:
    return "\r\n".join(re.split("\r\n|\r|\n", text)).encode()


def _quoted(text: bytes) -> bytes:
    lines = binascii.b2a_qp(text, istext=True).replace(b"\r\n", b"\n")
    return _PERIOD.sub(b"=2E", lines).replace(b"\n", b"\r\n")


def _base64(content: bytes) -> bytes:
    lines = (content[start : start + _BASE64_LINE] for start in range(0, len(content), _BASE64_LINE))
    return b"".join(binascii.b2a_base64(line, newline=False) + b"\r\n" for line in lines)
