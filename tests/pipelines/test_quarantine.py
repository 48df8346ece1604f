"""Refused records: shown with personal fields masked, and fed through the contract again after a fix."""

import json

import pytest

from connectors.errors import AssistantError, UsageError
from pipelines import quarantine
from pipelines.ingest import ingest
from pipelines.warehouse import Warehouse

CONTRACT = """
table = "shop.orders"
key = ["id"]
[[columns]]
name = "id"
type = "integer"
[[columns]]
name = "amount"
type = "number"
maximum = {maximum}
[[columns]]
name = "buyer"
personal = "name"
"""
HEAD = "id,amount,buyer\n"


@pytest.fixture
def settings(shop):
    settings = shop.declare()
    shop.contract(CONTRACT.format(maximum=10))
    shop.file("a.csv", HEAD + "1,5,Ann\n2,50,Bob\n3,60,Cem\n4,x,Dee\n5\n")
    ingest(settings)
    return settings


def test_what_waits_is_counted_by_reason(settings):
    counted = {
        (r["rule"], r["reason"]): r["records"] for r in quarantine.summary(settings).iter_rows(named=True)
    }
    assert counted[("range", "amount is above 10.0")] == 2
    assert counted[("type", "amount is not a number")] == 1


def test_personal_fields_are_masked_by_role(settings):
    def buyers(role):
        records = quarantine.show(settings, "shop.orders", role, rule="range")["record"]
        return sorted(json.loads(record)["buyer"] for record in records)

    assert buyers("engineer") == ["B.", "C."]
    assert buyers("caseworker") == ["Bob", "Cem"]
    unreadable = quarantine.show(settings, "shop.orders", "engineer", rule="unreadable")["record"]
    assert unreadable.to_list() == ["•••"]


def test_a_replay_after_a_fix_brings_the_records_in_once(settings, shop):
    shop.contract(CONTRACT.format(maximum=100))
    done = quarantine.replay(settings, "shop.orders")
    assert (done.rows_in, done.rows_clean, done.rows_quarantined) == (3, 2, 1)
    held = Warehouse(settings).query("SELECT id, amount, _source FROM shop.orders ORDER BY id").rows()
    assert held == [(1, 5.0, "a.csv"), (2, 50.0, "a.csv"), (3, 60.0, "a.csv")]
    assert quarantine.replay(settings, "shop.orders").rows_clean == 0


def test_a_replay_keeps_the_place_a_record_came_from(settings, shop):
    quarantine.replay(settings, "shop.orders", rule="type")
    again = quarantine.show(settings, "shop.orders", "caseworker", rule="type")
    assert again.select("file", "position").row(0) == ("a.csv", 4)


def test_a_replay_does_not_undo_what_was_learned_since(settings, shop):
    shop.file("b.csv", HEAD + "2,7,Bob\n")
    ingest(settings)
    shop.contract(CONTRACT.format(maximum=100))
    done = quarantine.replay(settings, "shop.orders", rule="range")
    assert (done.rows_clean, done.rows_quarantined) == (1, 1)
    assert Warehouse(settings).query("SELECT amount FROM shop.orders WHERE id = 2").item() == 7.0


def test_nothing_to_replay_is_said(settings):
    with pytest.raises(UsageError, match="No record of shop.orders waits"):
        quarantine.replay(settings, "shop.orders", rule="unique")


def test_a_file_that_grew_does_not_put_its_records_in_twice(settings, shop):
    waiting = quarantine.summary(settings)["records"].sum()
    quarantine.replay(settings, "shop.orders", rule="type")
    shop.file("a.csv", HEAD + "1,5,Ann\n2,50,Bob\n3,60,Cem\n4,x,Dee\n5\n6,7,Eva\n")
    ingest(settings)
    assert quarantine.summary(settings)["records"].sum() == waiting
    shop.file("a.csv", HEAD + "1,5,Ann\n2,5,Bob\n")
    ingest(settings)
    assert quarantine.summary(settings).is_empty()


def test_a_field_the_contract_does_not_know_is_masked_like_free_text(shop):
    settings = shop.declare()
    shop.contract(CONTRACT.format(maximum=10))
    shop.file("a.csv", "id,amount,buyer,passport\n1,50,Ann,X123\n")
    ingest(settings)

    def passport(role):
        return json.loads(quarantine.show(settings, "shop.orders", role)["record"].item())["passport"]

    assert passport("engineer") == passport("analyst") == "•••"
    assert passport("caseworker") == "X123"


def test_a_repeated_key_does_not_replace_the_record_that_was_kept(shop):
    settings = shop.declare(key=["id"])
    shop.contract(CONTRACT.format(maximum=10))
    shop.file("a.csv", HEAD + "1,5,Ann\n")
    ingest(settings)
    shop.file("b.csv", HEAD + "1,4,Ann\n1,5,Ann\n")  # the second is kept, and changes nothing
    ingest(settings)
    done = quarantine.replay(settings, "shop.orders", rule="unique")
    assert (done.rows_clean, done.rows_quarantined) == (0, 1)
    assert Warehouse(settings).query("SELECT amount FROM shop.orders").item() == 5.0


def test_two_replays_at_once_bring_the_records_in_once(settings, shop, monkeypatch):
    shop.contract(CONTRACT.format(maximum=100))
    seen = quarantine._waiting(Warehouse(settings), "shop.orders")
    quarantine.replay(settings, "shop.orders")
    monkeypatch.setattr(quarantine, "_waiting", lambda *_, **__: seen)
    with pytest.raises(AssistantError, match="meanwhile"):
        quarantine.replay(settings, "shop.orders")
    assert Warehouse(settings).query("SELECT count(*) FROM shop.orders").item() == 3


def test_an_unknown_role_is_told_plainly(settings):
    with pytest.raises(UsageError) as told:
        quarantine.show(settings, "shop.orders", "king")
    assert str(told.value) == "There is no role «king». Known: analyst, caseworker, engineer, subscriber."
