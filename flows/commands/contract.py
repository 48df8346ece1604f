"""`sda contract`: what tables promise."""

import click

from flows.answer import Answer, answering


@click.group("contract")
def command() -> None:
    """Show what tables promise."""


@command.command("show")
@click.argument("table")
@answering
def show(table: str) -> Answer:
    """Show the contract of DOMAIN.TABLE; save it as contracts/DOMAIN.TABLE.toml to change it."""
    from dataclasses import asdict

    from pipelines.catalog import contract_of, contract_to_toml
    from pipelines.settings import load_settings

    contract = contract_of(table, load_settings())
    return Answer({**asdict(contract), "version": contract.version}, contract_to_toml(contract))
