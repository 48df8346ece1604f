"""An error nobody expected: a short line for the person, the way it took for the developer."""

import traceback
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from connectors.errors import AssistantError

# What ends a program on purpose. Any other BaseException is trouble too: a panic inside Polars is one.
INTERRUPTIONS = (KeyboardInterrupt, SystemExit, GeneratorExit)


def in_brief(error: BaseException) -> str:
    """The error as one line without record values: our own errors speak, others only give their type.

    The same trouble gives the same words, so that it is noted once.
    """
    if isinstance(error, AssistantError):
        return str(error)
    return f"Something unexpected went wrong ({type(error).__name__}). The logs folder says where."


def log_unexpected(error: BaseException, home: Path | None = None) -> str:
    """Writes where an error came from into `<home>/logs`; gives one line naming that file.

    Messages of foreign exceptions may quote a record (DuckDB and Polars do), so only types and source
    lines are kept.
    """
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{token_hex(3)}"
    line = f"Something unexpected went wrong ({type(error).__name__}, error {name})."
    try:
        path = (home or _home()) / "logs" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_way(error), encoding="utf-8")
    except Exception:  # noqa: BLE001 - the trouble itself may be that there is no home to write to
        return line
    return f"{line} Where it happened is written in {path}: send that file to whoever maintains this."


def _home() -> Path:
    from pipelines.settings import load_settings

    return load_settings().home


def _way(error: BaseException) -> str:
    """The chain of causes, the first first, as source lines and types."""
    parts: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        parts.append("".join(traceback.format_tb(seen.__traceback__)) + type(seen).__qualname__ + "\n")
        seen = seen.__cause__ or seen.__context__
    return "\nwhich led to\n\n".join(reversed(parts))
