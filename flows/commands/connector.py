"""`sda connector`: kinds of sources."""

from pathlib import Path
from typing import Any

import click

from flows.answer import Answer, answering, table


@click.group("connector")
def command() -> None:
    """List the kinds of sources, write a new one, try one out."""


@command.command("list")
@answering
def list_() -> Answer:
    """Show what can be read, and which options each kind takes."""
    from connectors.registry import broken_connectors, connectors

    broken = broken_connectors()
    document = [
        {
            "name": connector.name,
            "summary": connector.summary,
            "options": {
                name: {
                    "required": field.is_required(),
                    "description": field.description or "",
                }
                for name, field in connector.options.model_fields.items()
            },
        }
        for connector in connectors().values()
    ]
    rows = [
        {"name": one["name"], "reads": one["summary"], "options": list(one["options"])} for one in document
    ]
    text = "\n".join([table(rows), *(f"Broken: {name}: {reason}" for name, reason in broken.items())])
    return Answer({"connectors": document, "broken": broken}, text)


@command.command("new")
@click.argument("name")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Where to.")
@answering
def new(name: str, folder: Path) -> Answer:
    """Write a working connector with its test, to be changed into your own."""
    from connectors.scaffold import new_connector

    files = [str(path) for path in new_connector(name, folder)]
    return Answer(
        {"name": name, "files": files},
        "\n".join(files) + "\nTry it with pytest; install it with pip so that `sda connector list` shows it.",
    )


@command.command("test")
@click.argument("name")
@click.option("--path", default="", help="File, folder, glob or address to read.")
@click.option("--option", "extra", multiple=True, metavar="NAME=VALUE", help="Any other option.")
@click.option("--key", multiple=True, help="Column that should identify a record; may be repeated.")
@answering
def test(name: str, path: str, extra: tuple[str, ...], key: tuple[str, ...]) -> Answer:
    """Read what the options point to, twice, and say whether the connector behaves; nothing is kept."""
    from connectors.registry import connector_named, options_of
    from connectors.try_out import try_out
    from flows.commands.source import pairs

    connector = connector_named(name)
    given: dict[str, Any] = {**pairs(extra), **({"path": path} if path else {})}
    findings = try_out(connector, options_of(connector, given), key)
    said = {True: "passed", False: "FAILED", None: "nothing to check"}
    rows = [{"check": f.check, "result": said[f.passed], "seen": f.detail} for f in findings]
    failed = any(finding.passed is False for finding in findings)
    return Answer({"connector": name, "passed": not failed, "findings": findings}, table(rows), failed)
