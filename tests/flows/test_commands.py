"""The commands on a small shop, from a file to quarantine and from a table to a scored file."""

import csv
import json
from pathlib import Path

import pytest

from analytics.scoring import ScoringResult
from analytics.task import Task
from connectors.errors import AssistantError
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.flows.conftest import Sda


def test_init_writes_valid_settings_and_keeps_what_is_there(sda: Sda, tmp_path: Path) -> None:
    assert sda("init").exit_code == 0
    written = (tmp_path / "assistant.toml").read_text()
    assert set(load_settings().schedules) == {"daily", "deliver", "train", "upkeep"}
    (tmp_path / "assistant.toml").write_text(written + "# mine\n")
    assert json.loads(sda("init", "--json").stdout)["written"] is False
    assert (tmp_path / "assistant.toml").read_text().endswith("# mine\n")


def test_a_source_is_declared_loaded_and_removed(sda: Sda, shop: Settings, tmp_path: Path) -> None:
    (tmp_path / "returns.csv").write_text("order_id,reason\n1,too small\n")
    path = tmp_path / "returns.csv"
    given = (
        "--connector",
        "files",
        "--path",
        path,
        "--domain",
        "shop",
        "--table",
        "returns",
        "--key",
        "order_id",
    )
    assert sda("source", "add", "returns", *given).exit_code == 0
    assert [source["name"] for source in json.loads(sda("source", "list", "--json").stdout)] == [
        "orders",
        "returns",
    ]
    loaded = {r["table"]: r["rows_clean"] for r in json.loads(sda("ingest", "--json").stdout)}
    assert loaded == {"shop.orders": 3, "shop.returns": 1}
    assert sda("source", "remove", "returns").exit_code == 0
    assert list(load_settings().sources) == ["orders"]
    assert Warehouse(shop).exists("shop.returns")


def test_a_wrong_option_of_a_connector_declares_nothing(sda: Sda, shop: Settings) -> None:
    given = ("--connector", "files", "--path", "x.csv", "--domain", "shop", "--table", "x")
    result = sda("source", "add", "x", *given, "--option", "delimeter=;")
    assert result.exit_code == 2
    assert "delimiter" in result.stderr
    assert list(load_settings().sources) == ["orders"]


def test_paths_are_written_relative_to_the_settings_file(
    sda: Sda, shop: Settings, tmp_path: Path, monkeypatch: object
) -> None:
    from flows.commands.source import _from_config

    here = Path.cwd()
    assert (
        tmp_path / _from_config("data/x.csv", tmp_path / "assistant.toml")
    ).resolve() == here / "data/x.csv"
    assert _from_config("s3://bucket/x.csv", tmp_path / "assistant.toml") == "s3://bucket/x.csv"


def test_the_status_tells_of_every_load(sda: Sda, shop: Settings) -> None:
    assert sda("ingest").exit_code == 0
    (source,) = json.loads(sda("status", "--json").stdout)["sources"]
    assert (source["source"], source["rows_clean"]) == ("orders", 3)


def test_a_source_name_that_leaves_its_folder_declares_nothing(sda: Sda, shop: Settings) -> None:
    given = ("--connector", "files", "--path", "x.csv", "--domain", "shop", "--table", "x")
    result = sda("source", "add", "../lake", *given)
    assert result.exit_code == 2
    assert list(load_settings().sources) == ["orders"]


def test_a_failed_load_shows_in_the_answer_and_the_status(sda: Sda, shop: Settings, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").unlink()
    result = sda("ingest", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)[0]["error"]
    assert json.loads(sda("status", "--json").stdout)["runs"]["ingest"]["state"] == "failed"


def test_quarantined_records_are_listed_shown_and_replayed(sda: Sda, shop: Settings, tmp_path: Path) -> None:
    assert sda("ingest").exit_code == 0
    folder = tmp_path / "contracts"
    folder.mkdir(exist_ok=True)
    contract = sda("contract", "show", "shop.orders").stdout
    strict = contract.replace('name = "amount"', 'name = "amount"\nminimum = 9.0')
    (folder / "shop.orders.toml").write_text(strict)
    (tmp_path / "orders.csv").write_text("order_id,ordered_at,amount\n4,2026-01-08,8\n5,2026-01-09,30\n")
    assert sda("ingest").exit_code == 0
    waiting = json.loads(sda("quarantine", "list", "--json").stdout)
    assert [(row["table"], row["rule"], row["records"]) for row in waiting] == [("shop.orders", "range", 1)]
    assert json.loads(sda("quarantine", "show", "shop.orders", "--json").stdout)[0]["position"] == 1
    (folder / "shop.orders.toml").write_text(contract)
    assert json.loads(sda("quarantine", "replay", "shop.orders", "--json").stdout)["rows_clean"] == 1
    assert json.loads(sda("quarantine", "list", "--json").stdout) == []


def test_a_task_over_a_table_is_made_trained_and_scores_a_file(
    sda: Sda, shop: Settings, tmp_path: Path
) -> None:
    rows = [f"{n},{n % 7},{n % 11},{'late' if (n * 5) % 7 + n % 3 > 5 else 'early'}" for n in range(600)]
    (tmp_path / "parcels.csv").write_text("\n".join(["parcel_id,stops,weight,outcome", *rows]))
    given = (
        "--connector",
        "files",
        "--path",
        tmp_path / "parcels.csv",
        "--domain",
        "shop",
        "--table",
        "parcels",
    )
    assert sda("source", "add", "parcels", *given, "--key", "parcel_id").exit_code == 0
    assert sda("ingest", "parcels").exit_code == 0
    made = sda(
        "task", "new", "shop.late", "--table", "shop.parcels", "--target", "outcome", "--entity", "parcel_id"
    )
    assert made.exit_code == 0, made.stderr
    trained = json.loads(sda("train", "shop.late", "--seconds", "5", "--json").stdout)
    assert {"task", "model_version", "promoted", "rows", "metrics"} <= set(trained)
    assert {"train", "calibration", "test"} <= set(trained["rows"])
    assert trained["promoted"] is True
    new, out = tmp_path / "new.csv", tmp_path / "scores.csv"
    new.write_text("parcel_id,stops,weight\n9001,6,2\n9002,0,0\n")
    scored = sda("score", "shop.late", "--input", new, "--output", out, "--reasons", "all")
    assert scored.exit_code == 0, scored.stderr
    with out.open() as file:
        lines = list(csv.DictReader(file))
    assert [line["entity_id"] for line in lines] == ["9001", "9002"]
    assert set(lines[0]) >= {"score", "lower", "upper", "band", "reasons"}
    new.write_text("parcel_id;stops;weight\n9001;6,0;2,5\n9002;0,5;0\n")
    assert sda("score", "shop.late", "--input", new, "--output", out).exit_code == 0
    new.write_text("parcel_id,stops,weight\n9001,inf,2\n9002,0,0\n")
    said = json.loads(sda("score", "shop.late", "--input", new, "--output", out, "--json").stdout)
    assert said["notes"] == ["«stops»: 1 values not understood"]
    assert sda("score", "shop.late", "--input", new, "--output", new).exit_code == 2
    assert json.loads(sda("task", "change", "shop.late", "9", "--json").stdout) is None  # nothing actionable
    assert sda("task", "change", "shop.late", "9999").exit_code == 1
    shown = json.loads(sda("task", "show", "shop.late", "--json").stdout)
    assert [version["state"] for version in shown["versions"]] == ["in_service"]
    assert sda("task", "rollback", "shop.late").exit_code == 2


def test_scoring_a_file_needs_one_task_and_an_output(sda: Sda, shop: Settings) -> None:
    assert sda("score", "--input", "x.csv").exit_code == 2
    assert sda("score", "a", "--input", "x.csv", "--output", "y.csv", "--reasons", "some").exit_code == 2


def test_subscriptions_are_added_paused_and_cancelled(sda: Sda, home: Settings) -> None:
    added = json.loads(sda("subscription", "add", "ann@example.org", "credit-portfolio", "--json").stdout)
    assert added["status"] == "active"
    for change, status in (("pause", "paused"), ("resume", "active"), ("cancel", "cancelled")):
        assert json.loads(sda("subscription", change, added["id"], "--json").stdout)["status"] == status
    assert sda("subscription", "pause", 99).exit_code == 1


def test_a_task_that_cannot_be_done_does_not_hold_up_the_others(
    sda: Sda, shop: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def score(settings: Settings, task: Task, *_: object) -> ScoringResult:
        if task.name == "finance.credit_default":
            raise AssistantError(f"{task.name}: no rows.")
        done.append(task.name)
        return ScoringResult(task.name, 1, "2026-11-30", 1, "v1")

    monkeypatch.setattr("analytics.scoring.score", score)
    result = sda("score", "finance.credit_default", "logistics.late_delivery", "--json")
    scored, refused = json.loads(result.stdout)
    assert (scored["task"], scored["rows"]) == ("logistics.late_delivery", 1)
    assert refused == {"task": "finance.credit_default", "error": "no rows."}
    assert result.exit_code == 1
    alone = sda("score", "finance.credit_default", "--json")
    assert (alone.exit_code, alone.stdout) == (1, "")
    assert done == ["logistics.late_delivery"]


@pytest.mark.parametrize("moment", ["2026-11-30T08:00Z", "2026-11-30T08:00:00+01:00", "2026-11-30"])
def test_a_moment_is_any_iso_8601(sda: Sda, home: Settings, moment: str) -> None:
    result = sda("deliver", "--now", moment, "--dry-run", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_a_moment_that_is_none_is_wrong_usage(sda: Sda, home: Settings) -> None:
    assert sda("deliver", "--now", "tomorrow", "--dry-run").exit_code == 2
