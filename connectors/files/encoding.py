"""Which encoding a text file is in, found from its bytes, and a streamed copy in UTF-8."""

import codecs
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1 << 20
_EVIDENCE = 1 << 18  # bytes with non-ASCII letters that are looked at closely
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GERMAN = "äöüß"
# The letters beyond a-z of the languages written in each one-byte encoding.
_LETTERS = {
    "cp1252": (
        "éèêëàâçîïôûùœ", _GERMAN, "áéíóúñü¿¡", "ãõçáâêéíóôúà", "àèéìòù", "åäöæøé", "ëïéèöü",
    ),
    "cp1250": (
        "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áéíóöőúüű", "ăâîşţ", "čćđšž", "áäčďéíĺľňóôŕšťúýž", _GERMAN,
    ),
}  # fmt: skip
_NEUTRAL = set("“”‘’„‚–—…€©®°§«»·\xa0×±µ²½")
_ESCAPED = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True)
class Scan:
    """What the bytes of a text file say: its encoding, whether line ends are mixed, whether it has a NUL."""

    encoding: str
    mixed_line_ends: bool
    binary: bool


def scan(stream: BinaryIO) -> Scan:
    """Reads the stream once, to its end. ASCII runs at the speed of memory, so a whole file can
    be looked at: a sample would miss the one accented letter in the last line.
    """
    first = stream.read(_CHUNK)
    for mark, encoding in _BOMS:
        if first.startswith(mark) and mark != codecs.BOM_UTF8:
            return Scan(encoding, mixed_line_ends=False, binary=False)
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    valid = invalid = lf = cr = crlf = 0
    pending = False
    evidence = bytearray()
    for chunk in _chunks(first, stream):
        if carriage := chunk.count(b"\r"):
            cr, crlf = cr + carriage, crlf + chunk.count(b"\r\n")
        if cr:
            lf += chunk.count(b"\n")
        if chunk.isascii() and not pending:
            continue
        if len(evidence) < _EVIDENCE:
            evidence += _around_high_bytes(chunk, _EVIDENCE)
        beyond = _BEYOND_ASCII.findall(decoder.decode(chunk))
        bad = sum(1 for letter in beyond if _ESCAPED.match(letter))
        valid, invalid = valid + len(beyond) - bad, invalid + bad
        pending = bool(decoder.getstate()[0])
    invalid += pending
    is_utf8 = invalid == 0 or valid > 2 * invalid or first.startswith(codecs.BOM_UTF8)
    encoding = "utf-8" if is_utf8 else _guess(bytes(evidence))
    return Scan(encoding, mixed_line_ends=cr > 0 and not (cr == crlf == lf), binary=b"\x00" in first[:65536])


def transcode(stream: BinaryIO, encoding: str, target: Path, *, one_line_end: bool = False) -> None:
    """Copies text to `target` in UTF-8, a megabyte at a time; `one_line_end` makes every CR LF an LF.

    Bytes that are no text in this encoding are kept as they are: the reader then rejects their line, with
    its number, instead of the whole file failing or a letter being replaced in silence.
    """
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
    held = ""
    with target.open("wb") as out:
        while True:
            chunk = stream.read(_CHUNK)
            text = held + decoder.decode(chunk, final=not chunk)
            held = ""
            if one_line_end:
                if chunk and text.endswith("\r"):
                    text, held = text[:-1], "\r"
                text = text.replace("\r\n", "\n").replace("\r", "\n")
            out.write(text.encode("utf-8", "surrogateescape"))
            if not chunk:
                return


def _chunks(first: bytes, stream: BinaryIO) -> Iterator[bytes]:
    chunk = first
    while chunk:
        yield chunk
        chunk = stream.read(_CHUNK)


def _around_high_bytes(chunk: bytes, limit: int) -> bytes:
    """The words with bytes beyond ASCII: all that tells one encoding from another."""
    words = re.findall(rb"[^\x00-\x40]*[\x80-\xff][^\x00-\x2f]*", chunk)
    return b" ".join(words)[:limit]


def _guess(evidence: bytes) -> str:
    """GB18030 if the bytes pair up into everyday Chinese characters, else the encoding whose best language
    explains the accented letters best (maximum likelihood over the languages' alphabets).
    """
    if _is_chinese(evidence):
        return "gb18030"
    return max(_LETTERS, key=lambda encoding: _likelihood(evidence, encoding))


def _is_chinese(evidence: bytes) -> bool:
    try:
        text = evidence.decode("gb18030")
    except UnicodeDecodeError as error:
        if error.start < len(evidence) - 4:
            return False
        text = evidence[: error.start].decode("gb18030")  # only the end was cut through a character
    beyond = _BEYOND_ASCII.findall(text)
    common = sum(1 for letter in beyond if _in_gb2312(letter))
    return bool(beyond) and common >= 0.7 * len(beyond)


def _in_gb2312(letter: str) -> bool:
    pair = letter.encode("gb18030")
    return len(pair) == 2 and (0xB0 <= pair[0] <= 0xF7 or 0xA1 <= pair[0] <= 0xA3) and pair[1] >= 0xA1


def _likelihood(evidence: bytes, encoding: str) -> float:
    counts: dict[str, int] = {}
    for letter in _BEYOND_ASCII.findall(evidence.decode(encoding, "replace").lower()):
        counts[letter] = counts.get(letter, 0) + 1
    region = set("".join(_LETTERS[encoding]))
    return max(
        sum(count * _log_chance(letter, alphabet, region) for letter, count in counts.items())
        for alphabet in _LETTERS[encoding]
    )


def _log_chance(letter: str, alphabet: str, region: set[str]) -> float:
    """Mostly a letter of the language, sometimes of a neighbour, rarely a sign, hardly anything else."""
    chance = 0.85 * (letter in alphabet) / len(alphabet) + 0.1 * (letter in region) / len(region)
    return math.log(chance + 0.001 * (letter in _NEUTRAL) + 1e-5)
