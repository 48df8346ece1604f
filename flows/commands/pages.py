"""`sda pages`: the pages that mails link to, for those who run the flows otherwise."""

from contextlib import suppress

import click

from flows.answer import Answer, answering
from flows.progress import progress


@click.command("pages")
@answering
def command() -> Answer:
    """Serve the pages that mails link to.

    Leaving, preferences, past issues and large files, on SDA_SERVICE_HOST and SDA_SERVICE_PORT, until stopped
    by Ctrl-C or SIGTERM. `sda serve` does so too.
    """
    from dashboards.service.launch import address
    from dashboards.service.run import check, require_free, run, write_log
    from flows.stop import Stop
    from pipelines.settings import load_settings

    settings = load_settings()
    check(settings)
    require_free(settings)
    write_log()
    progress(f"The pages are at {address(settings)} (outside: {settings.service_url}). Stop with Ctrl-C.")
    with suppress(KeyboardInterrupt), Stop():
        run(settings)
    return Answer({"address": address(settings), "state": "stopped"}, "The pages have stopped.")
