"""`sda task card`: the model card of one version as a file, now."""

from pathlib import Path

import click

from flows.answer import Answer, answering
from flows.progress import progress


@click.command("card")
@click.argument("name")
@click.option("--version", default="", help="By default the version in service.")
@click.option(
    "--format", "form", type=click.Choice(["html", "md"]), default="html", show_default=True, help="As what."
)
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder to write to."
)
@click.option("--language", type=click.Choice(["en", "zh"]), default=None, help="By default the settings'.")
@answering
def card(name: str, version: str, form: str, output: Path, language: str | None) -> Answer:
    """Write the model card of a task's version to a file."""
    from dashboards.model_card import model_card
    from dashboards.model_card_markdown import markdown
    from dashboards.model_card_page import page
    from pipelines.settings import load_settings

    settings = load_settings()
    progress(f"Writing the model card of {name} …")
    made = model_card(settings, name, version, language or settings.language)
    output.mkdir(parents=True, exist_ok=True)
    path = output / f"{made.file_stem}.{form}"
    path.write_text(page(made) if form == "html" else markdown(made), encoding="utf-8")
    document = {"task": name, "model_version": made.version, "title": made.title, "file": str(path)}
    return Answer(document, str(path))
