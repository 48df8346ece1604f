"""`sda restore`: a home out of one file."""

from pathlib import Path

import click

from flows.answer import Answer, answering


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--home", type=click.Path(file_okay=False, path_type=Path), help="Where to; by default SDA_HOME."
)
@click.option("--force", is_flag=True, help="Replace what is there.")
@answering
def command(file: Path, home: Path | None, force: bool) -> Answer:
    """Bring everything back from a backup file.

    Stop `sda serve` and the dashboard first.
    """
    from flows.restore import restore
    from pipelines.settings import load_settings

    settings = load_settings()
    done = restore(file, (home or settings.home).absolute(), settings.config, force=force)
    return Answer(
        done,
        f"Restored {done.files} files to {done.home}; settings and contracts are in {done.settings_in}.\n"
        f"Use it with SDA_HOME={done.home}",
    )
