"""Subscriptions and bills at the command line."""

import csv
import json
from pathlib import Path

import pytest

from pipelines.settings import load_settings
from pipelines.store import Audit, Store
from tests.dashboards.subscriptions.accounts import deliver, subscribed
from tests.flows.conftest import Sda

SETTINGS = """\
[plans.gold]
title = "Gold"
interval = "year"
price = "1200"
recipients = 5

[accounts.acme]
plan = "gold"
start = 2026-11-15
domains = ["acme.example"]
"""


@pytest.fixture(autouse=True)
def acme(own_environment: None, tmp_path: Path) -> None:
    (tmp_path / "assistant.toml").write_text(SETTINGS)


def test_one_is_added_shown_changed_and_ended(sda: Sda, tmp_path: Path) -> None:
    begun = SETTINGS.replace("2026-11-15", "2020-11-15")  # whatever the clock of this machine says
    (tmp_path / "assistant.toml").write_text(begun)
    added = sda(
        "subscription", "add", "ann@acme.example", "fleet-daily", "--account", "acme", "--schedule",
        "weekdays 08:00", "--formats", "xlsx,pdf", "--attribute", "depot=D01", "--attribute", "depot=D=5",
        "--only-if", "urgent > 10", "--reference", "7", "--json",
    )  # fmt: skip
    entry = json.loads(added.stdout)
    assert (entry["schedule"], entry["formats"]) == ("0 8 * * 1-5", ["pdf", "xlsx"])
    assert (entry["attributes"], entry["only_if"]) == ({"depot": ["D01", "D=5"]}, ["urgent > 10"])
    assert "depot=D01,D=5" in sda("subscription", "list", "--account", "acme").stdout
    shown = json.loads(sda("subscription", "show", "1", "--json").stdout)
    assert (shown["reference"], shown["standing"], shown["why"]) == ("7", "fine", "")
    assert "standing" in sda("subscription", "show", "1").stdout
    changed = sda(
        "subscription", "change", "1", "--language", "zh", "--no-attributes", "--formats", "", "--json"
    )
    assert {name: json.loads(changed.stdout)[name] for name in ("language", "attributes", "formats")} == {
        "language": "zh", "attributes": {}, "formats": [],
    }  # fmt: skip
    for act, status in (("pause", "paused"), ("resume", "active"), ("cancel", "cancelled")):
        assert json.loads(sda("subscription", act, "1", "--json").stdout)["status"] == status
    assert json.loads(sda("subscription", "list", "--status", "active", "--json").stdout) == []
    with Store(load_settings()).session() as session:
        noted = [each.action for each in session.query(Audit).order_by(Audit.id)]
    assert noted == [f"subscription.{act}" for act in ("add", "change", "paused", "active", "cancelled")]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("add", "ann@other.example", "fleet-daily", "--account", "acme"), "accounts.acme.domains"),
        (("add", "ann@acme.example", "fleet-daily", "--attribute", "depot"), "NAME=VALUE"),
        (("add", "ann@acme.example", "fleet-daily", "--language", "fr"), "no language"),
        (("list", "--status", "gone"), "no status"),
        (("list", "--email", "ann"), "not an e-mail address"),
        (("import", "nowhere.csv"), "cannot be read"),
    ],
)
def test_what_is_wrong_is_told_without_a_traceback(
    sda: Sda, arguments: tuple[str, ...], complaint: str
) -> None:
    refused = sda("subscription", *arguments)
    assert refused.exit_code == 2
    assert complaint in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_file_is_imported_once_and_updated_on_request(sda: Sda, tmp_path: Path) -> None:
    file = tmp_path / "readers.csv"
    file.write_text(
        'email;account;report;attributes\nann@acme.example;acme;fleet-daily;"{""depot"": ""D01""}"\n'
    )
    lines = json.loads(sda("subscription", "import", file, "--json").stdout)
    assert [(line["line"], line["outcome"], line["email"]) for line in lines] == [
        (2, "added", "ann@acme.example")
    ]
    assert sda("subscription", "import", file).stdout == "1 were there already.\n"
    file.write_text(
        "email;account;report;id\nann@acme.example;acme;fleet-daily;\n\nbob@acme.example;acme;fleet-daily;9\n"
    )
    assert sda("subscription", "import", file).stdout == "2 added.\n"
    file.write_text("email,account,report,id,language\nbob@acme.example,acme,fleet-daily,9,zh\n")
    assert "--update" in sda("subscription", "import", file).stdout
    assert sda("subscription", "import", file, "--update").stdout == "1 changed.\n"


def test_bills_are_written_for_a_month(sda: Sda, tmp_path: Path) -> None:
    entry = subscribed(load_settings(), "ann@acme.example")
    deliver(load_settings(), entry, "2026-11-16T07:00", "2026-11-17T07:00")
    made = sda("billing", "statement", "--period", "2026-11", "--output", tmp_path / "bills", "--json")
    [document] = json.loads(made.stdout)
    assert document["totals"] == {"EUR": "1200.00"}
    assert [Path(path).name for path in document["files"]] == [
        "statement-acme-2026-11.csv", "statement-acme-2026-11.pdf",
    ]  # fmt: skip
    rows = list(csv.DictReader(Path(document["files"][0]).read_text("utf-8-sig").splitlines()))
    assert [(row["line"], row["amount"]) for row in rows] == [("plan", "1200.00"), ("total", "1200.00")]
    assert Path(document["files"][1]).read_bytes().startswith(b"%PDF")
    assert "EUR 1200.00" in sda("billing", "statement", "--period", "2026-11", "--output", tmp_path).stdout
    [used] = json.loads(sda("billing", "usage", "--period", "2026-11", "--json").stdout)
    assert (used["account"], used["email"], used["issues"], used["bytes"]) == (
        "acme",
        "ann@acme.example",
        2,
        2_000,
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("statement", "--period", "2026-13"), "not a month"),
        (("usage", "--period", "November"), "not a month"),
        (("statement", "--period", "2026-11", "--account", "akme"), "Did you mean acme"),
        (("statement",), "--period"),
    ],
)
def test_a_bill_for_nobody_or_no_month_is_refused(
    sda: Sda, arguments: tuple[str, ...], complaint: str
) -> None:
    refused = sda("billing", *arguments)
    assert refused.exit_code == 2
    assert complaint in refused.stderr
