"""`sda dashboard`: what analysts look at."""

import click

from flows.answer import Answer, answering
from flows.progress import progress


@click.command("dashboard")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@answering
def command(port: int) -> Answer:
    """Show the dashboard on this machine.

    It answers on 127.0.0.1 only, until it is stopped (Ctrl-C).
    """
    from dashboards.launch import address, launch
    from flows.serve import wait_in_the_foreground
    from pipelines.settings import load_settings

    running = launch(load_settings(), port)
    progress(f"The dashboard is at {address(port)}. Stop it with Ctrl-C.")
    wait_in_the_foreground(running)
    return Answer({"address": address(port), "status": running.returncode}, "The dashboard has stopped.")
