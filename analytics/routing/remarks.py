"""What was wrong with the rows of a problem, collected by kind so that a person reads a line for each."""

from collections.abc import Iterable

_MOST_NAMED = 10


class Remarks:
    """Remarks and the stops or vehicles they are about, in the order in which they came up."""

    def __init__(self) -> None:
        self._about: dict[str, list[str]] = {}

    def add(self, remark: str, *names: str) -> None:
        """Says `remark` (a sentence without its stop) about these."""
        self._about.setdefault(remark, []).extend(names)

    def add_all(self, remarks: Iterable[str], name: str) -> None:
        """Says several about one."""
        for remark in sorted(remarks):
            self.add(remark, name)

    def sentences(self) -> tuple[str, ...]:
        """One sentence a remark: «Windows that overlap were merged: S1, S2.»"""
        return tuple(_sentence(remark, names) for remark, names in self._about.items())


def _sentence(remark: str, names: list[str]) -> str:
    if not names:
        return f"{remark}."
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{remark}: {', '.join(names[:_MOST_NAMED])}{more}."
