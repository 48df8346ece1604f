"""Texts that came from data, among our own: read from right to left (Unicode Annex 9), or too long."""

import re
import unicodedata

_STRONG = ("L", "R", "AL")
_RIGHT_TO_LEFT = ("R", "AL", "AN")
# Embeddings, overrides and isolates: left open, they would turn round whatever follows.
_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ISOLATE, _END = "\u2068", "\u2069"


def direction(text: str) -> str | None:
    """`rtl` for a text that is read from right to left, by its first strong letter (rule P2)."""
    if text.isascii():
        return None
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    first = next((kind for kind in kinds if kind in _STRONG), "L")
    return None if first == "L" else "rtl"


def isolated(text: str) -> str:
    """A text that does not move what stands beside it; without the controls it may hold."""
    if text.isascii():
        return text
    plain = _CONTROLS.sub("", text)
    if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in plain):
        return f"{_ISOLATE}{plain}{_END}"
    return plain


def shortened(text: str, letters: int) -> str:
    """The first `letters` of a text, with an ellipsis where there are more."""
    return text if len(text) <= letters else text[:letters].rstrip() + "…"
