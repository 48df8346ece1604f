"""The page of a mail: how every one of ours looks, whatever it says, in programs of every kind.

Outlook lays out with Word's engine (no flex, no max-width: hence tables of fixed width and the `width` of
every picture), Gmail drops what it does not know and shows at most 102 kB. Sizes and colours stand on the
elements; what only some programs do (dark colours, narrow screens) stands in the head.
"""

import htpy as h
from markupsafe import Markup

from dashboards.charts import palette
from dashboards.reports.foreign import direction
from dashboards.wording import TAGS

WIDTH = 640
PADDING = 20
INNER = WIDTH - 2 * PADDING
GAP = "<!--personal-->"  # where the lines for one reader are filled in

NAVY = "#12324F"
SHADE = "#F3F6F9"
LINK = "#0072B2"
_GROUND = "#EEF1F4"
_FONTS = "'Segoe UI',Helvetica,Arial,'PingFang SC','Microsoft YaHei','Noto Sans SC',sans-serif"
FONT = f"font-family:{_FONTS}"
TEXT = f"{FONT};color:{palette.INK};font-size:14px;line-height:1.5"
SMALL = f"{FONT};color:{palette.QUIET};font-size:12px;line-height:1.45"
LAYOUT = {"role": "presentation", "cellpadding": "0", "cellspacing": "0", "border": "0"}

_DARK = {
    ".page": "background-color: #161C23",
    ".sheet": "background-color: #1F2731",
    ".ink": "color: #E4E7EB",
    ".quiet": "color: #A5B0BB",
    ".rule": "border-color: #3E4C59",
    ".card": "background-color: #2A3541",
    ".note": "background-color: #3A3222",
    ".link": "color: #6CB8EA",
}
_NARROW = """
@media (max-width: 600px) {
  .outer { padding: 0 !important; }
  .page, .sheet { width: 100% !important; table-layout: fixed !important; }
  .cell { padding-left: 16px !important; padding-right: 16px !important; }
  .figure { display: inline-block !important; vertical-align: top; width: calc(50% - 32px) !important;
    margin: 0 8px 8px 0 !important; }
  .gap { display: none !important; }
  .cards { width: 100% !important; }
  .wide { overflow-x: auto !important; }
  .wide td, .wide th { padding: 5px 4px !important; }
  .wide .words { white-space: normal !important; overflow-wrap: break-word; }
  .wide .long { min-width: 170px !important; }
}
"""
# Outlook takes a font from the element only, and scales pictures unless it is told the screen's density.
_FOR_OUTLOOK = (
    "<!--[if mso]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch>"
    "</o:OfficeDocumentSettings></xml><style>td,th,p,h1,h2,a{font-family:'Segoe UI',Arial,sans-serif "
    "!important}</style><![endif]-->"
)


def _dark(before: str) -> str:
    return " ".join(f"{before}{name} {{ {rule} !important; }}" for name, rule in _DARK.items())


_STYLE = (
    ":root { color-scheme: light dark; supported-color-schemes: light dark; }"
    f"{_NARROW}@media (prefers-color-scheme: dark) {{ {_dark('')} }}"
)
# Outlook.com marks what it turned dark. Apart: who cannot read these drops all that stands with them.
_STYLE_OF_OUTLOOK_COM = f"{_dark('[data-ogsc] ')} {_dark('[data-ogsb] ')}"


def page(title: str, preview: str, language: str, sheet: h.Node) -> str:
    """A whole document around the rows of its sheet; `preview` is what an inbox shows beside the subject."""
    document = h.html(
        lang=TAGS[language], dir="ltr", **{"xmlns:o": "urn:schemas-microsoft-com:office:office"}
    )[
        h.head[
            h.meta(charset="utf-8"),
            h.meta(name="viewport", content="width=device-width, initial-scale=1"),
            h.meta(name="color-scheme", content="light dark"),
            h.meta(name="supported-color-schemes", content="light dark"),
            # Numbers are no telephones, days no appointments.
            h.meta(name="format-detection", content="telephone=no, date=no, address=no, email=no"),
            h.meta(name="x-apple-disable-message-reformatting"),
            h.title[title],
            h.style[Markup(_STYLE)],  # noqa: S704 - constants of this file
            h.style[Markup(_STYLE_OF_OUTLOOK_COM)],  # noqa: S704
            Markup(_FOR_OUTLOOK),  # noqa: S704
        ],
        h.body(".page", style=f"margin:0;padding:0;background-color:{_GROUND}")[
            h.div(style="display:none;max-height:0;overflow:hidden;mso-hide:all")[preview],
            h.table(".page", **LAYOUT, width="100%", bgcolor=_GROUND, style=f"background-color:{_GROUND}")[
                h.tr[h.td(".outer", align="center", style="padding:16px 8px")[_sheet(sheet)]],
                h.tr[
                    h.td(".quiet.cell", align="center", style=f"{SMALL};padding:12px 16px 28px")[
                        Markup(GAP)  # noqa: S704
                    ]
                ],
            ],
        ],
    ]
    return str(str(document))  # plain: what is called so escapes what it is joined with


def _sheet(rows: h.Node) -> h.Element:
    style = f"width:{WIDTH}px;max-width:100%;background-color:#FFFFFF"
    return h.table(".sheet", **LAYOUT, width=str(WIDTH), bgcolor="#FFFFFF", style=style)[rows]


def row(content: h.Node) -> h.Element:
    """One row of the sheet."""
    return h.tr[h.td(".cell", style=f"padding:10px {PADDING}px")[content]]


def banner(organisation: str, title: str, summary: str) -> h.Node:
    """The head of the sheet: whose it is, what it is, and the sentence that matters."""
    white = f"{FONT};color:#FFFFFF;margin:0"
    return h.tr[
        h.td(".cell", bgcolor=NAVY, style=f"background-color:{NAVY};padding:22px {PADDING}px")[
            h.p(dir=direction(organisation), style=f"{white};font-size:12px;color:#B9C7D5")[organisation],
            h.h1(dir=direction(title), style=f"{white};font-size:24px;line-height:1.3;font-weight:600")[
                title
            ],
            h.p(dir=direction(summary), style=f"{white};font-size:15px;line-height:1.5;padding-top:6px")[
                summary
            ]
            if summary
            else None,
        ]
    ], h.tr[h.td(style="height:8px;font-size:0;line-height:0")[Markup("&nbsp;")]]


def heading(text: str) -> h.Element:
    style = f"{FONT};color:{palette.INK};font-size:17px;line-height:1.4;font-weight:600;margin:10px 0 2px"
    return h.h2(".ink", dir=direction(text), style=style)[text]


def paragraph(text: str) -> h.Element:
    """A text; its line breaks are kept."""
    lines = text.split("\n")
    content = [part for line in lines for part in (h.br, line)][1:]
    return h.p(".ink", dir=direction(text), style=f"{TEXT};margin:0")[content]


def note(title: str, content: h.Node) -> h.Element:
    """Something that nobody shall overlook."""
    style = "background-color:#FFF6E0;border-left:4px solid #E69F00;padding:10px 14px"
    return h.table(**LAYOUT, width="100%")[
        h.tr[
            h.td(".note", bgcolor="#FFF6E0", style=style)[
                h.p(".ink", dir=direction(title), style=f"{TEXT};margin:0;font-weight:600")[title]
                if title
                else None,
                content,
            ]
        ]
    ]


def button(words: str, address: str) -> h.Element:
    """A link that looks like something to press, in Outlook too."""
    style = f"background-color:{LINK};border-radius:4px;padding:10px 18px"
    letters = f"{FONT};color:#FFFFFF;font-size:14px;font-weight:600;text-decoration:none"
    return h.table(**LAYOUT)[h.tr[h.td(bgcolor=LINK, style=style)[h.a(href=address, style=letters)[words]]]]


def link(words: str, address: str) -> h.Element:
    return h.a(".link", href=address, style=f"color:{LINK}")[words]
