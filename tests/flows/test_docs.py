"""The documentation of the commands is complete: a command without an example fails here."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from flows.cli import sda

TEXT = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")


def commands(group: click.Group, name: str) -> Iterator[str]:
    for part in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), part)
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {part}")
        else:
            yield f"{name} {part}"


@pytest.mark.parametrize("command", list(commands(sda, "sda")))
def test_every_command_is_documented_with_an_example(command: str) -> None:
    rows = [line.split(" | ") for line in TEXT.splitlines() if line.startswith(f"| `{command}` ")]
    assert len(rows) == 1
    assert rows[0][2].startswith(f"`{command}")


def test_nothing_is_documented_that_does_not_exist() -> None:
    known = set(commands(sda, "sda"))
    told = {line.split("`")[1] for line in TEXT.splitlines() if line.startswith("| `sda")}
    assert told == known
