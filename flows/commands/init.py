"""`sda init`: a settings file to begin with, and an empty warehouse."""

import click

from flows.answer import Answer, answering

BEGINNING = """\
# Settings of the Smart Data Assistant. Secrets do not belong here: they are SDA_* environment variables.
# Paths are relative to this file. `sda source add` and `sda task new` write their sections below.

timezone = "UTC"      # of the schedules and of the dates in reports
language = "en"       # en or zh

[project]
name = "Smart Data Assistant"
owner = ""            # e-mail address that is told when something fails or a source changes

[schedules]           # minute hour day month weekday; run by `sda serve`
daily = "0 6 * * *"
deliver = "*/15 * * * *"
train = "0 3 * * 0"
upkeep = "30 2 * * *"
"""


@click.command("init")
@answering
def command() -> Answer:
    """Write assistant.toml and create the warehouse.

    What is there already stays as it is.
    """
    from pipelines.settings import load_settings
    from pipelines.store import Store
    from pipelines.warehouse import Warehouse

    config = load_settings().config
    written = not config.exists()
    if written:
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(BEGINNING, encoding="utf-8")
    settings = load_settings()
    Warehouse(settings).snapshot()
    Store(settings)
    return Answer(
        {"config": str(config), "written": written, "home": str(settings.home)},
        f"{'Wrote' if written else 'Kept'} {config}. The warehouse is in {settings.home}.\n"
        "Next: declare what to load, for example\n"
        "  sda source add orders --connector files --path orders.csv --domain shop --table orders",
    )
