"""`sda billing`: what accounts owe and used."""

from pathlib import Path

import click

from flows.answer import Answer, answering, table


@click.group("billing")
def command() -> None:
    """What accounts owe for a month, and what they used."""


_period = click.option("--period", required=True, metavar="YYYY-MM", help="The month.")
_account = click.option("--account", default="", help="Only this account.")


@command.command("statement")
@_period
@_account
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder to write to."
)
@answering
def statement(period: str, account: str, output: Path) -> Answer:
    """Write what each account owes for a month: a CSV and a PDF for each."""
    from dashboards.reports.pdf import pdf
    from dashboards.subscriptions.accounts.statement import as_csv, as_json, month_named, statements
    from dashboards.subscriptions.accounts.statement_page import printed
    from pipelines.settings import load_settings

    settings = load_settings()
    made = statements(settings, month_named(period), account)
    output.mkdir(parents=True, exist_ok=True)
    documents, rows = [], []
    for each in made:
        files = {
            output / f"statement-{each.number}.csv": as_csv(each),
            output / f"statement-{each.number}.pdf": pdf(printed(each, settings.name)),
        }
        for path, content in files.items():
            path.write_bytes(content)
        documents.append({**as_json(each), "files": [str(path) for path in files]})
        owed = ", ".join(f"{currency} {total}" for currency, total in each.totals.items())
        rows.append(
            {
                "account": each.name,
                "issues": each.usage.issues,
                "owes": owed or "nothing",
            }
        )
    files_told = "\n".join(path for document in documents for path in document["files"])
    told = table(rows, f"No account had a plan in {period}.")
    return Answer(documents, f"{told}\n{files_told}".rstrip())


@command.command("usage")
@_period
@_account
@answering
def usage(period: str, account: str) -> Answer:
    """Show what each reader of each account got in a month."""
    from dataclasses import asdict

    from dashboards.subscriptions.accounts.statement import month_named, statements
    from pipelines.settings import load_settings

    made = statements(load_settings(), month_named(period), account)
    rows = [
        {"account": each.name, **asdict(subscription)}
        for each in made
        for subscription in each.usage.subscriptions
    ]
    return Answer(rows, table(rows, f"No issue left for an account in {period}."))
