"""`sda serve`: everything on its schedule."""

import click

from flows.answer import Answer, answering


@click.command("serve")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="Of the dashboard."
)
@click.option("--dashboard/--no-dashboard", default=True, help="Whether to show the dashboard too.")
@click.option("--pages/--no-pages", default=True, help="Whether to serve the pages that mails link to.")
@answering
def command(port: int, dashboard: bool, pages: bool) -> Answer:
    """Run all flows on their schedules.

    And the dashboard and the pages that mails link to, until stopped by Ctrl-C or SIGTERM.
    """
    from flows.serve import serve
    from pipelines.settings import load_settings

    serve(load_settings(), port if dashboard else None, pages=pages)
    return Answer({"state": "stopped"}, "Stopped.")
