"""A settings file as TOML, and what is wrong with it as a person wrote it."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from connectors.errors import UsageError, did_you_mean


def read_toml(path: Path) -> dict[str, Any]:
    """What the file says; raises UsageError naming it where it cannot be read or is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "It must be a readable file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}.", "Correct that line and try again.") from None


def in_words(
    where: str, error: ValidationError, model: type[BaseModel], prefix: str = "SDA_"
) -> tuple[str, str]:
    """The first thing wrong and its remedy: a variable that begins with `prefix`, or an entry of `where`."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    variables = (place, f"{prefix}{place.upper()}")
    variable = next((name for name in variables if name in os.environ), "")
    if first["type"] == "extra_forbidden" and not variable:
        known = _entries_at(model, first["loc"])
        return f"{where}: unknown entry «{place}».", did_you_mean(str(first["loc"][-1]), known)
    named = variable or f"{where}: entry «{place}»"
    told = first["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{named}: {told}.", "Correct it and try again."


def _entries_at(model: type[BaseModel], place: Sequence[int | str]) -> list[str]:
    """The entries that the section around `place` may have."""
    section: Any = model
    for part in place[:-1]:
        if isinstance(section, type) and issubclass(section, BaseModel):
            field = section.model_fields.get(str(part))
            section = field.annotation if field else None
        elif get_origin(section) in (dict, list):  # a name or a number: what it holds is alike
            section = get_args(section)[-1]
    entries: Mapping[str, Any] = getattr(section, "model_fields", {})
    return list(entries)
