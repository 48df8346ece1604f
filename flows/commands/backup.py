"""`sda backup`: the home in one file."""

from pathlib import Path

import click

from flows.answer import Answer, answering
from flows.progress import progress


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@answering
def command(file: Path) -> Answer:
    """Write everything into one file.

    FILE ends in .tar, .tar.gz or .tar.zst. Others may go on working meanwhile.
    """
    from flows.backup import back_up
    from pipelines.settings import load_settings

    settings = load_settings()
    progress(f"Backing up {settings.home} …")
    made = back_up(settings, file)
    lines = [
        f"{made.file}: {made.files} files, {made.bytes:,} bytes.",
        f"It holds: {', '.join(made.covers)}.",
    ]
    if made.leaves_out:
        lines.append(f"It does not hold: {'; '.join(made.leaves_out)}. Back these up where they are.")
    lines.append("It holds personal data: keep it where only you can read it.")
    return Answer(made, "\n".join(lines))
