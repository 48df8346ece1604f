"""The windows of a stop put in order: none that overlap, none that end before they begin."""

from collections.abc import Sequence

from analytics.routing.problem import Window

BACKWARDS = "A window that closes before it opens was ignored"
OVERLAPPING = "Windows that overlap were merged"
OUTSIDE = "Every window lies outside the hours in which vehicles drive"


def ordered_windows(spans: Sequence[tuple[float, float]], ends: float) -> tuple[tuple[Window, ...], set[str]]:
    """Windows from (opens, closes) in seconds of the day, and which of the remarks above they deserve.

    Windows that touch neither second 0 nor anything up to `ends`, the last second on which anybody drives,
    say nothing about this day and are left out; where all are such, they stay: the stop cannot be served,
    and why will be said. Windows that only touch each other become one without remark.
    """
    remarks = set()
    forwards = sorted((opens, closes) for opens, closes in spans if closes >= opens)
    if len(forwards) < len(spans):
        remarks.add(BACKWARDS)
    merged: list[tuple[float, float]] = []
    for opens, closes in forwards:
        if merged and opens <= merged[-1][1]:
            if opens < merged[-1][1]:
                remarks.add(OVERLAPPING)
            merged[-1] = merged[-1][0], max(merged[-1][1], closes)
        else:
            merged.append((opens, closes))
    today = [(max(opens, 0.0), closes) for opens, closes in merged if closes >= 0 and opens <= ends]
    if merged and not today:
        remarks.add(OUTSIDE)
    return tuple(Window(*span) for span in today or merged), remarks
