"""What stands around a picture that is shown alone: its title and sentence above it, a foot below it."""

import unicodedata
from dataclasses import dataclass

from matplotlib.figure import Figure

from dashboards.charts import palette
from dashboards.charts.chart import Chart
from dashboards.charts.fonts import font_family, printable

_TITLE, _SENTENCE, _FOOT = 13.0, 9.5, 8.0  # points
_PIXELS = 100 / 72  # of a point, as pictures are measured
_LINE = 1.45  # a line of text, in its size
_EDGE = 10  # pixels around
_NARROW, _WIDE = 0.52, 1.0  # of a letter, in its size


@dataclass(frozen=True)
class Lines:
    """A text broken into lines, its size in points and its colour."""

    lines: tuple[str, ...]
    size: float
    colour: str

    @property
    def height(self) -> float:
        """In pixels."""
        return len(self.lines) * self.size * _LINE * _PIXELS


@dataclass(frozen=True)
class Margins:
    """The texts above and below a picture of `width` pixels."""

    above: tuple[Lines, ...] = ()
    below: tuple[Lines, ...] = ()

    @property
    def top(self) -> int:
        """Pixels above the picture."""
        return round(sum(text.height for text in self.above)) + _EDGE if self.above else 0

    @property
    def bottom(self) -> int:
        """Pixels below the picture."""
        return round(sum(text.height for text in self.below)) + _EDGE if self.below else 0

    def write(self, figure: Figure, width: int, height: int) -> tuple[float, float, float, float]:
        """Writes the texts into a figure of `width` x `height` pixels; gives the place left for the picture:
        left, bottom, width and height as shares of the figure.
        """
        self._write(figure, self.above, width, height, height - _EDGE)
        self._write(figure, self.below, width, height, self.bottom)
        return 0.0, self.bottom / height, 1.0, 1 - (self.top + self.bottom) / height

    @staticmethod
    def _write(figure: Figure, texts: tuple[Lines, ...], width: int, height: int, place: float) -> None:
        for text in texts:
            figure.text(
                _EDGE / width,
                place / height,
                "\n".join(text.lines),
                va="top",
                fontsize=text.size,
                color=text.colour,
                fontfamily=font_family(),
                linespacing=1.2,
            )
            place -= text.height


def margins(chart: Chart, foot: str, width: int) -> Margins:
    """Title, sentence and foot as they fit a picture of `width` pixels."""
    above = (
        _broken(chart.title, _TITLE, palette.INK, width),
        _broken(chart.sentence, _SENTENCE, palette.QUIET, width),
    )
    below = (_broken(foot, _FOOT, palette.QUIET, width),)
    return Margins(tuple(text for text in above if text.lines), tuple(text for text in below if text.lines))


def _broken(text: str, size: float, colour: str, width: int) -> Lines:
    """A text in lines that fit: broken at blanks, and between the letters of Chinese."""
    most = (width - 2 * _EDGE) / (size * _PIXELS)
    lines = [line for given in printable(text).splitlines() for line in _lines(given, most)]
    return Lines(tuple(lines), size, colour)


def _lines(text: str, most: float) -> list[str]:
    """`text` in lines of at most `most` em."""
    lines: list[str] = []
    rest = text.strip()
    while rest:
        end, breaking, taken = 0, 0, 0.0
        for end, letter in enumerate(rest):
            taken += _em(letter)
            if taken > most:
                break
            if letter == " " or _em(letter) == _WIDE:
                breaking = end + 1
        else:
            return [*lines, rest]
        breaking = breaking or max(1, end)
        lines.append(rest[:breaking].rstrip())
        rest = rest[breaking:].lstrip()
    return lines


def _em(letter: str) -> float:
    return _WIDE if unicodedata.east_asian_width(letter) in "WF" else _NARROW
