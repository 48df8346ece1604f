"""`sda demo`: everything once, on sample data."""

from dataclasses import asdict

import click

from flows.answer import Answer, answering
from flows.progress import progress


@click.command("demo")
@click.option("--dashboard/--no-dashboard", default=True, help="Whether to show the dashboard at the end.")
@answering
def command(dashboard: bool) -> Answer:
    """Take sample data all the way to mails and the dashboard.

    A bank, a clinic and a carrier: loaded, checked, predicted and reported. What is done is not done again.
    """
    from flows.demo import run_demo, sample_settings

    settings = sample_settings()
    demo = run_demo(settings)
    text = "\n".join(
        [
            f"Done in {demo.seconds:.0f} s. The reports are mails you can open, in {demo.outbox}:",
            *(f"  {mail}" for mail in demo.mails),
            f"To go on with the commands: export SDA_CONFIG={settings.config} SDA_HOME={settings.home}",
        ]
    )
    if dashboard:
        from dashboards.launch import address, launch
        from flows.serve import free_port, wait_in_the_foreground

        progress(text)
        port = free_port(8501)
        running = launch(settings, port)
        progress(f"The dashboard is at {address(port)}. Stop it with Ctrl-C.")
        wait_in_the_foreground(running)
        text = "The dashboard has stopped."
    return Answer(asdict(demo), text)
