"""Contracts: inferred from a sample, written as TOML, read back, and refused with words when wrong."""

from dataclasses import replace

import polars as pl
import pytest

from connectors.errors import AssistantError, UsageError
from pipelines.catalog import contract_from_toml, contract_to_toml, contracts, shipped_contracts
from pipelines.contract import Column, Contract
from pipelines.inference import infer_contract


def test_every_shipped_contract_survives_its_own_toml():
    for contract in shipped_contracts().values():
        assert contract_from_toml(contract_to_toml(contract), contract.table) == contract


def test_every_reference_of_a_shipped_contract_points_at_a_column():
    shipped = shipped_contracts()
    for contract in shipped.values():
        for column in contract.columns:
            if column.references:
                table, _, target = column.references.rpartition(".")
                assert shipped[table].column(target).type == column.type


def test_types_are_inferred_from_text():
    sample = pl.DataFrame(
        {
            "id": [str(i) for i in range(40)],
            "zip": ["01234"] * 40,
            "amount": [f"{i}.5" for i in range(40)],
            "day": ["1/24/2020", "2/3/2020"] * 20,
            "at": ["2020-01-02 10:00"] * 40,
            "flag": ["yes", "no"] * 20,
            "note": ["hello"] * 40,
            "mostly": ["7"] * 39 + ["seven"],
            "email": ["a@example.com"] * 40,
            "empty": [None] * 40,
        }
    )
    contract = infer_contract("shop.orders", sample, ("id",))
    kinds = {column.name: column.type for column in contract.columns}
    assert kinds == {
        "id": "integer",
        "zip": "text",
        "amount": "number",
        "day": "date",
        "at": "timestamp",
        "flag": "boolean",
        "note": "text",
        "mostly": "integer",
        "email": "text",
        "empty": "text",
    }
    assert contract.column("day").layout == "%m/%d/%Y"
    assert contract.column("email").personal == "contact"


def test_an_unknown_key_is_refused_with_a_suggestion():
    with pytest.raises(AssistantError, match="Did you mean order_id"):
        infer_contract("shop.orders", pl.DataFrame({"order_id": ["1"]}), ("orderid",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("table = ", "not valid TOML"),
        ('table = "a.b"\ncolums = []', "Did you mean columns"),
        ('table = "a.b"\n[[columns]]\nname = "x"\ntyp = "text"', "Did you mean type"),
        ('table = "a.b"\n[[columns]]\nname = "x"\ntype = "money"', "type"),
        ('table = "a.b"\nkey = ["y"]\n[[columns]]\nname = "x"', "«y» is not declared"),
    ],
)
def test_a_wrong_contract_file_says_where(text, message):
    with pytest.raises(UsageError, match=message):
        contract_from_toml(text, "contracts/a.b.toml")


def test_a_file_beside_the_settings_wins_over_a_shipped_contract(home, tmp_path):
    shipped = shipped_contracts()["finance.customers"]
    edited = replace(shipped, description="Ours")
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "finance.customers.toml").write_text(contract_to_toml(edited))
    assert contracts(home)["finance.customers"].description == "Ours"


def test_the_version_changes_with_the_promise():
    contract = Contract("a.b", (Column("x"),))
    assert contract.version == Contract("a.b", (Column("x"),)).version
    assert contract.version != Contract("a.b", (Column("x", required=True),)).version
