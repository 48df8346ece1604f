"""A document as PDF, set by Typst: no network, no packages, our fonts; the same input, the same bytes.

What is printed travels as JSON beside the template (`sys.inputs`), never inside it.
"""

import json
from dataclasses import asdict
from datetime import UTC
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from dashboards.charts.fonts import font_file, printable, second_font_file
from dashboards.reports.document import Beside, Block, Document, Drawing

if TYPE_CHECKING:
    from typst import Compiler

_TEMPLATES = Path(__file__).parent / "typst"
# Typst's own words for the languages: the region chooses the forms of Chinese letters.
_LANGUAGES = {"en": ("en", "gb"), "zh": ("zh", "cn")}
_STANDARDS = ["a-2u", "ua-1"]  # to be kept (PDF/A-2u, ISO 19005-2), to be read aloud (PDF/UA-1, ISO 14289-1)
_COLUMN = 680  # CSS pixels a drawing of the whole width is painted at
_one_at_a_time = Lock()


def pdf(document: Document) -> bytes:
    """The document as PDF."""
    return bytes(_compiled(document, "pdf"))


def pages(document: Document, ppi: float = 110) -> list[bytes]:
    """The pages of the document as PNG, as they would come out of a printer."""
    made = _compiled(document, "png", ppi=ppi)
    return list(made) if isinstance(made, list) else [made]


def _compiled(document: Document, form: Literal["pdf", "png"], **options: Any) -> Any:
    from typst import TypstError

    compiler, fonts = _compiler()
    pictures: dict[str, str] = {}
    data = _printable(_as_data(document, fonts, pictures))
    inputs = {"document": json.dumps(data), "pictures": json.dumps(pictures)}
    moment = document.made_at if document.made_at.tzinfo else document.made_at.replace(tzinfo=UTC)
    with _one_at_a_time:
        options |= {"format": form, "sys_inputs": inputs, "timestamp": int(moment.timestamp())}
        try:
            return compiler.compile(**options | {"pdf_standards": _STANDARDS})
        except TypstError:  # letters that no font has: set all the same, only not up to the standards
            return compiler.compile(**options)


@cache
def _compiler() -> "tuple[Compiler, list[str]]":
    """The compiler, kept because it holds the parsed fonts and template, and the families to set in."""
    from typst import Compiler, Fonts

    files = [file.resolve() for file in (font_file(), second_font_file())]
    folders = [str(file.parent) for file in files]
    fonts = Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[*folders])
    found = {Path(font.path).resolve(): font.family for font in fonts.fonts() if font.path}
    ours = [found[file] for file in files]
    compiler = Compiler(
        input=str(_TEMPLATES / "document.typ"),
        root=str(_TEMPLATES),
        font_paths=fonts,
        ignore_system_fonts=True,
    )
    return compiler, [*dict.fromkeys(ours), "DejaVu Sans Mono"]


def _as_data(document: Document, fonts: list[str], pictures: dict[str, str]) -> dict[str, Any]:
    """The document as the template reads it; drawings are painted into `pictures`, by number."""
    language, region = _LANGUAGES[document.language]
    return {
        "title": document.title,
        "organisation": document.organisation,
        "lang": language,
        "region": region,
        "fonts": fonts,
        "few-pages": document.few_pages,
        "contents": document.contents,
        "parts": [
            {
                "title": part.title,
                "subtitle": part.subtitle,
                "head": part.head,
                "foot": part.foot,
                "cover": part.cover,
                "blocks": [_block(block, document.language, 1.0, pictures) for block in part.blocks],
            }
            for part in document.parts
        ],
    }


def _printable(data: Any) -> Any:
    """The same with every text without symbols that no font of ours has."""
    match data:
        case str():
            return printable(data)
        case dict():
            return {name: _printable(value) for name, value in data.items()}
        case list() | tuple():
            return [_printable(value) for value in data]
        case _:
            return data


def _block(block: Block, language: str, share: float, pictures: dict[str, str]) -> dict[str, Any]:
    """One block, which has `share` of the width of the page."""
    name = type(block).__name__.lower()
    match block:
        case Beside():
            left = [_block(each, language, share * block.ratio, pictures) for each in block.left]
            right = [_block(each, language, share * (1 - block.ratio), pictures) for each in block.right]
            return {"block": name, "ratio": block.ratio, "left": left, "right": right}
        case Drawing():
            from dashboards.charts import paper

            number = str(len(pictures))
            width = round(_COLUMN * share)
            height = round(block.ratio * width) if block.ratio else None
            pictures[number] = paper.draw_svg(block.chart, language, width=width, height=height)
            title, sentence = ("", "") if block.bare else (block.chart.title, block.chart.sentence)
            return {
                "block": name,
                "picture": number,
                "alt": block.chart.alt,
                "title": title,
                "sentence": sentence,
            }
        case _:
            return {"block": name, **asdict(block)}
