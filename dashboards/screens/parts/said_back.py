"""What an address or a person asked for, said back: as text, and no longer than a line."""

from dashboards.screens.parts.figure import escaped

_LONGEST = 80  # letters


def said_back(text: str) -> str:
    """The text as Markdown shows it, its end left out where it is long."""
    return escaped(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")
