"""Where the letters come from: a font that has Chinese, so no text is ever printed as boxes."""

import os
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
def font_family() -> str:
    """The name under which Matplotlib now knows `font_file`.

    The file is entered under a name of our own and as of normal weight: whichever font it is (the wheel
    brings a medium one), it is found without a search and without a warning.
    """
    from matplotlib.font_manager import FontEntry, fontManager

    family = "Smart Data Assistant"
    fontManager.ttflist.append(FontEntry(fname=str(font_file()), name=family, weight=400))
    return family


def _wheel_fonts() -> list[Path]:
    from importlib.util import find_spec

    found = find_spec(_WHEEL)
    if found is None or not found.submodule_search_locations:
        return []
    folder = Path(next(iter(found.submodule_search_locations)))
    return sorted(file for pattern in ("*.otf", "*.ttf", "*.ttc") for file in folder.glob(pattern))
