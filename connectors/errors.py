"""The one kind of error a person is meant to read: what was wrong, where, and what to do next."""

from collections.abc import Iterable
from difflib import get_close_matches

_MOST_LISTED = 20


class AssistantError(Exception):
    """Something a person can put right.

    The command line prints it without a traceback and exits with `exit_code`;
    screens show it in words. `remedy` says what to do next.
    """

    exit_code = 1

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(f"{problem} {remedy}".strip())
        self.problem = problem
        self.remedy = remedy


class UsageError(AssistantError):
    """A wrong option, name or setting: nothing was attempted."""

    exit_code = 2


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """A sentence that names the nearest known words, or lists what there is."""
    known = sorted(choices)
    close = get_close_matches(word, known, n=3, cutoff=0.5)
    if not close and word:  # part of a name, such as «default» of «default payment next month»
        close = [name for name in known if word.casefold() in name.casefold()][:3]
    if close:
        return f"Did you mean {' or '.join(close)}?"
    if not known:
        return "There are none yet."
    more = f" and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
    return f"Known: {', '.join(known[:_MOST_LISTED])}{more}."
