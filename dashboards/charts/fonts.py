"""Where the letters come from: a font that has Chinese, and one for Arabic, Hebrew and more.

What neither has is written by its name where it is a symbol, so that no chart and no page shows a box for it.
"""

import os
import unicodedata
from functools import cache
from pathlib import Path

from connectors.errors import AssistantError

# Where distributions put Noto CJK. The simplified-Chinese collections come first.
_SYSTEM_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
)
_TURNING = ("LRI", "RLI", "FSI", "PDI", "L", "R", "AL")
_UNSEEN = ("Cc", "Cf", "Cn", "Mn", "Me", "Sk")  # controls, and marks upon letters
_SPACE = 0x20
_WHEEL = "cvttf_NotoSansCJK_Medium"


@cache
def font_file() -> Path:
    """The font file to draw with: `SDA_FONT` if set, a system Noto Sans CJK, else the one from the wheel."""
    candidates = [os.environ.get("SDA_FONT", ""), *_SYSTEM_FONTS]
    for candidate in candidates:
        if candidate and Path(candidate).is_file():
            return Path(candidate)
    for file in _wheel_fonts():
        return file
    raise AssistantError(
        "There is no font with Chinese letters.",
        "Install the package fonts-noto-cjk, or set SDA_FONT to a font file that has them.",
    )


@cache
def second_font_file() -> Path:
    """A font for letters that `font_file` lacks: the DejaVu Sans that comes with Matplotlib."""
    from matplotlib import get_data_path

    return Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


@cache
def font_family() -> list[str]:
    """The names under which Matplotlib now knows `font_file`, and the second font.

    The first file is entered under a name of our own and as of normal weight: whichever font it is (the wheel
    brings a medium one), it is found without a search and without a warning.
    """
    from matplotlib.font_manager import FontEntry, fontManager

    family = "Smart Data Assistant"
    fontManager.ttflist.append(FontEntry(fname=str(font_file()), name=family, weight=400))
    return [family, "DejaVu Sans"]


def printable(text: str) -> str:
    """A text without symbols that no font of ours has: emoji by name, joiners and variants left out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(each if ord(each) in _letters() else _in_words(each) for each in text)


@cache
def _letters() -> frozenset[int]:
    """The letters that our fonts have."""
    from matplotlib.ft2font import FT2Font

    fonts = (FT2Font(str(file)) for file in (font_file(), second_font_file()))
    return frozenset(letter for font in fonts for letter in font.get_charmap() if letter >= _SPACE) | {
        *map(ord, "\t\n")
    }


def _in_words(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "So":
        return f"({unicodedata.name(letter, 'symbol').lower()})"
    # Marks of direction are seen by none and needed by the lines they stand in.
    return "" if kind in _UNSEEN and unicodedata.bidirectional(letter) not in _TURNING else letter


def _wheel_fonts() -> list[Path]:
    from importlib.util import find_spec

    found = find_spec(_WHEEL)
    if found is None or not found.submodule_search_locations:
        return []
    folder = Path(next(iter(found.submodule_search_locations)))
    return sorted(file for pattern in ("*.otf", "*.ttf", "*.ttc") for file in folder.glob(pattern))
