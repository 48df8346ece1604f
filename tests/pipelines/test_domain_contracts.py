"""The contracts that ship: whole in themselves, and kept by the clean sample data."""

import pytest

from pipelines.checks import check
from pipelines.contract import Contract
from pipelines.warehouse import quoted
from tests.sample_data.lake import DOMAINS, contracts, lake, sample, transformed

ALL = [contract for domain in DOMAINS for contract in contracts(domain)]
EVERY = pytest.mark.parametrize("contract", ALL, ids=lambda contract: contract.table)


@EVERY
def test_columns_are_named_in_both_languages_and_keys_are_required(contract: Contract) -> None:
    for column in contract.columns:
        assert column.label.keys() == {"en", "zh"}
        assert all(column.label.values())
    assert contract.key
    assert all(contract.column(name).required for name in contract.key)
    if contract.known_at:
        assert contract.column(contract.known_at).type in ("date", "timestamp")


@EVERY
def test_references_lead_to_the_key_of_a_table_that_exists(contract: Contract) -> None:
    keys = {f"{each.table}.{each.key[0]}" for each in ALL if len(each.key) == 1}
    assert {column.references for column in contract.columns if column.references} <= keys


@EVERY
def test_the_clean_sample_keeps_its_contract(contract: Contract) -> None:
    frame = transformed(contract, sample(contract.domain).tables[contract.table.split(".")[1]])
    assert set(frame.columns) <= set(contract.names)
    checked = check(frame, contract)
    assert checked.broken["reason"].unique().to_list() == []
    assert frame.select(contract.key).is_unique().all()
    connection = lake(contract.domain)
    for column in contract.columns:
        if column.references:
            table, _, key = column.references.rpartition(".")
            lost = connection.execute(
                f"SELECT {quoted(column.name)} FROM {quoted(contract.table)}"
                f" EXCEPT SELECT {quoted(key)} FROM {quoted(table)}"
            ).fetchall()
            assert set(lost) <= {(None,)}


def test_names_births_and_addresses_are_tagged_as_personal() -> None:
    telling = {
        "full_name",
        "family_name",
        "given_name",
        "birth_date",
        "email",
        "phone",
        "postal_code",
        "consignee",
    }
    for contract in ALL:
        for column in contract.columns:
            assert bool(column.personal) or column.name not in telling
