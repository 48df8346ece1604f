"""What a PDF of ours says, read from its bytes: enough of the format for the tests and no more.

Objects lie open in the file (no object streams), text is shown in codes of two bytes, and each font brings
the table from codes to letters (ISO 32000-2, 9.10.3).
"""

import re
import zlib

_OBJECT = re.compile(rb"(?<!\d)(\d+) 0 obj(.*?)endobj", re.DOTALL)
# A font is chosen, or text is shown: in brackets, which may stand in pairs inside, or as hexadecimal numbers.
_SHOWN = re.compile(
    rb"/(f\d+) [\d.]+ Tf|\(((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*)\)|(?<!<)<([0-9A-Fa-f]+)>", re.DOTALL
)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def texts(pdf: bytes) -> list[str]:
    """The text of each page in the order it was set, without any white space."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    letters = {number: _letters(_stream(body)) for number, body in objects.items() if b"/CMap" in body}
    pages = [body for body in objects.values() if re.search(rb"/Type\s*/Page\b", body)]
    pages.sort(key=lambda body: int(_reference(rb"/Contents", body)))
    return [_page(body, objects, letters) for body in pages]


def _page(page: bytes, objects: dict[int, bytes], letters: dict[int, dict[int, str]]) -> str:
    resources = page if b"/Font" in page else objects[_reference(rb"/Resources", page)]
    fonts = resources[resources.index(b"/Font") :]
    named = {
        name: letters[_reference(rb"/ToUnicode", objects[int(number)])]
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", fonts)
    }
    said, font = [], b""
    for chosen, shown, digits in _SHOWN.findall(_stream(objects[_reference(rb"/Contents", page)])):
        if chosen:
            font = chosen
            continue
        codes = bytes.fromhex(digits.decode()) if digits else _unescaped(shown)
        pairs = (codes[place : place + 2] for place in range(0, len(codes), 2))
        said.append("".join(named[font].get(int.from_bytes(pair), "") for pair in pairs))
    return "".join("".join(said).split())


def _stream(body: bytes) -> bytes:
    start = re.search(rb"stream\r?\n", body)
    assert start is not None
    return zlib.decompressobj().decompress(body[start.end() :])


def _reference(key: bytes, body: bytes) -> int:
    found = re.search(key + rb"\s*\[?\s*(\d+) 0 R", body)
    assert found is not None, (key, body[:200])
    return int(found.group(1))


def _unescaped(text: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        what = found.group(1)
        return bytes([int(what, 8)]) if what[:1].isdigit() else _CONTROLS.get(what, what)

    return _ESCAPED.sub(plain, text)


def _letters(table: bytes) -> dict[int, str]:
    """Code -> what it stands for, one letter or several."""
    sections = re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL)
    pairs = [pair for section in sections for pair in re.findall(rb"<(\w+)>\s*<(\w*)>", section)]
    return {int(code, 16): bytes.fromhex(letter.decode()).decode("utf-16-be") for code, letter in pairs}
