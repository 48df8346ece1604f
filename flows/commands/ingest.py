"""`sda ingest`: sources into tables, now."""

import click

from flows.answer import Answer, answering
from flows.progress import loaded_line, rows_read


@click.command("ingest")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--accept-row-count", is_flag=True, help="Load even where far fewer rows replace many.")
@answering
def command(sources: tuple[str, ...], accept_row_count: bool) -> Answer:
    """Load what is new into tables.

    All sources by default. What breaks a table's contract goes to quarantine.
    """
    from flows import boards
    from flows.runs import recorded
    from pipelines.ingest import ingest
    from pipelines.settings import load_settings

    settings = load_settings()
    with recorded(settings, "ingest", attended=True) as run:
        results = ingest(settings, list(sources) or None, rows_read(), accept_row_count=accept_row_count)
        run.failure = "; ".join(f"{result.source}: {result.error}" for result in results if result.error)
        if any(result.rows_changed for result in results):
            boards.renew(settings)
    text = "\n".join(map(loaded_line, results)) or "No source is declared yet."
    return Answer(results, text, failed=bool(run.failure))
