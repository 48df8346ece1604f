"""The moments worth leaving at: where the way a route unfolds changes its course.

How a route unfolds is a function of the moment of leaving the depot. Between two of its breaks everything
after some stop either waits for a window, so leaving later changes nothing there, or moves along second for
second. The best moment for lateness, time on duty and return is therefore at a break, and the breaks follow
from the windows and from the moments at which traffic changes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.routing.problem import Window


@dataclass(frozen=True)
class _Piece:
    """Leaving within [first, last] is here at `moment`: moving along from it (`slope` 1) or always (0)."""

    first: float
    last: float
    moment: float
    slope: int

    def split(self, moment: float) -> "tuple[_Piece, _Piece] | None":
        """What is here until `moment` and what after, where that is within the piece."""
        cut = self.first + moment - self.moment
        if self.slope == 0 or not self.first < cut < self.last:
            return None
        return _Piece(self.first, cut, self.moment, 1), _Piece(cut, self.last, moment, 1)

    def later(self, seconds: float) -> "_Piece":
        return _Piece(self.first, self.last, self.moment + seconds, self.slope)


def departures(
    periods: Sequence[float],
    legs: Sequence[Sequence[float]],
    windows: Sequence[Sequence[Window]],
    services: Sequence[float],
    leaving: Window,
    home: Window,
) -> dict[float, float]:
    """Candidates for leaving within `leaving`, each with the earliest return it can lead to.

    `legs` holds the seconds of each leg by period, the way home included. Where traffic changes at the very
    moment, the route unfolds one way or the other: the earlier return is given.
    """
    pieces = [_Piece(leaving.opens, max(leaving.opens, leaving.closes), leaving.opens, 1)]
    opens = [*windows, (home,)]
    for seconds, spans, service in zip(legs, opens, [*services, 0.0], strict=True):
        pieces = [piece.later(seconds[period]) for piece, period in _by_period(pieces, periods)]
        pieces = [piece.later(service) for piece in _within(pieces, spans)]
    found: dict[float, float] = {}
    for piece in pieces:
        at_last = piece.moment + piece.slope * (piece.last - piece.first)
        for leaves, returns in ((piece.first, piece.moment), (piece.last, at_last)):
            found[leaves] = min(returns, found.get(leaves, returns))
    return found


def _by_period(pieces: Sequence[_Piece], periods: Sequence[float]) -> list[tuple[_Piece, int]]:
    if len(periods) == 1:
        return [(piece, 0) for piece in pieces]
    cut = _cut(pieces, periods[1:])
    middles = [piece.moment + piece.slope * (piece.last - piece.first) / 2 for piece in cut]
    return [
        (piece, max(0, bisect_right(periods, middle) - 1)) for piece, middle in zip(cut, middles, strict=True)
    ]


def _within(pieces: Sequence[_Piece], windows: Sequence[Window]) -> list[_Piece]:
    """The pieces at the begin of service: waiting where no window is open yet."""
    if not windows:
        return list(pieces)
    cut = _cut(pieces, [edge for window in windows for edge in (window.opens, window.closes)])
    waited: list[_Piece] = []
    for piece in cut:
        middle = piece.moment + piece.slope * (piece.last - piece.first) / 2
        ahead = next((window for window in windows if middle <= window.closes), None)
        if ahead is not None and middle < ahead.opens:
            piece = _Piece(piece.first, piece.last, ahead.opens, 0)  # noqa: PLW2901
        waited.append(piece)
    return waited


def _cut(pieces: Sequence[_Piece], moments: Sequence[float]) -> list[_Piece]:
    done: list[_Piece] = []
    edges = sorted(moments)
    for piece in pieces:
        rest = piece
        first = bisect_left(edges, rest.moment) if rest.slope else len(edges)
        last = bisect_right(edges, rest.moment + rest.last - rest.first)
        for moment in edges[first:last]:
            halves = rest.split(moment)
            if halves:
                done.append(halves[0])
                rest = halves[1]
        done.append(rest)
    return done
