"""Watching and adapting at the command line: check, feedback, update, and what is held."""

import json
from pathlib import Path

import polars as pl
import pytest

from flows.score import look
from pipelines.settings import Settings, load_settings
from pipelines.store import Delivery, Store, Subscription, now
from tests.analytics.conftest import patients
from tests.flows.conftest import Sda


@pytest.fixture
def clinic(sda: Sda, own_environment: None, tmp_path: Path) -> Settings:
    """A task over a file of patients, with a model in service; the last 200 outcomes are still open."""
    rows = patients(700).drop("truth", "serial", "always")
    open_ = pl.int_range(pl.len()) >= 500
    rows.with_columns(ill=pl.when(~open_).then("ill")).write_csv(tmp_path / "patients.csv")
    given = ("--path", tmp_path / "patients.csv", "--domain", "clinic", "--table", "patients")
    sda("source", "add", "patients", "--connector", "files", *given, "--key", "patient no")
    sda("ingest")
    made = sda(
        "task", "new", "clinic.ill", "--table", "clinic.patients", "--target", "ill", "--entity", "patient no"
    )
    assert made.exit_code == 0, made.output
    trained = sda("train", "clinic.ill", "--seconds", "0")  # no limit: the same model on any machine
    assert trained.exit_code == 0, trained.output
    return load_settings()


def test_a_model_is_checked_told_what_came_and_continued(sda: Sda, clinic: Settings) -> None:
    unscored = sda("watch", "clinic.ill")
    assert (unscored.exit_code, "was not scored yet" in unscored.output) == (1, True)
    assert sda("score", "clinic.ill").exit_code == 0
    assert look.fn(clinic, "clinic.ill") == "fine"
    found = json.loads(sda("watch", "clinic.ill", "--json").stdout)
    assert (found["task"], found["verdict"]) == ("clinic.ill", "fine")
    assert set(found["detail"]) >= {"score", "features", "performance", "estimated"}
    assert set(found["detail"]["features"][0]) >= {
        "feature",
        "psi",
        "effect",
        "p_adjusted",
        "rows",
        "verdict",
    }
    shown = sda("watch")
    assert "Nothing has drifted" in shown.output
    assert "an estimate from the scores" in shown.output

    said = sda("feedback", "add", "clinic.ill", "P000600", "--outcome", "yes", "--note", "seen today")
    assert "the outcome is «true»" in said.output
    assert sda("feedback", "add", "clinic.ill", "P000601", "--right").exit_code == 0
    assert sda("feedback", "add", "clinic.ill", "P000601", "--right", "--outcome", "no").exit_code == 2
    assert sda("feedback", "add", "clinic.ill", "P000601").exit_code == 2
    assert sda("feedback", "add", "clinic.ill", "P000601", "--outcome", "maybe").exit_code == 2
    nobody = sda("feedback", "add", "clinic.ill", "P999999", "--wrong")
    assert (nobody.exit_code, "«P999999» was scored" in nobody.output) == (1, True)
    rows = json.loads(sda("feedback", "list", "clinic.ill", "--json").stdout)
    assert [(row["entity_id"], row["verdict"]) for row in rows] == [
        ("P000601", "right"),
        ("P000600", "outcome"),
    ]
    assert rows[1]["note"] == "seen today"
    few = sda("train", "clinic.ill", "--update")
    assert few.exit_code == 1
    assert "have become known since version" in few.output
    document = json.loads(sda("status", "--json").stdout)
    assert document["models"][0]["check"]["verdict"] == "fine"


def test_a_held_issue_is_listed_and_released_by_its_number(sda: Sda, shop: Settings) -> None:
    with Store(shop).session() as session:
        session.add(Subscription(id=1, email="a@b.example", report="r", schedule="0 7 * * *"))
        session.flush()
        session.add(Delivery(id=7, subscription_id=1, period=now(), state="held", answer="Held: it moved."))
    (row,) = json.loads(sda("delivery", "list", "--state", "held", "--json").stdout)
    assert (row["id"], row["answer"]) == (7, "Held: it moved.")
    assert sda("delivery", "list", "--state", "failed").stdout == "No delivery is like that.\n"
    assert "--limit shows more" in sda("delivery", "list", "--limit", "1").stdout
    assert "Released: 7" in sda("delivery", "release", 7).output
    assert json.loads(sda("status", "--json").stdout)["deliveries"] == {"queued": 1}
    refused = sda("delivery", "release", 7)
    assert (refused.exit_code, "is not held" in refused.output) == (1, True)
