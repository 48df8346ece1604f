"""The whole main job, once, as `make demo` does it: from sample files to mails, judged against the truth."""

import email
import json
from email import policy
from pathlib import Path

import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.conftest import SAMPLE, sda


@pytest.fixture
def settings(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SDA_HOME", str(demo_home))
    return load_settings(SAMPLE / "assistant.toml")


FILES = {
    "credit-portfolio": {".pdf", ".xlsx"},
    "data-quality": {".xlsx"},
    "fleet-daily": {".pdf", ".xlsx"},  # a page for each driver
    "patient-risk": {".csv", ".xlsx"},
}


@pytest.mark.slow
def test_one_mail_per_report_with_pictures_text_and_files(demo_home: Path) -> None:
    mails = sorted((demo_home / "outbox").glob("*.eml"))
    assert [mail.name.split(".")[0] for mail in mails] == list(FILES)
    for path in mails:
        message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        parts = {part.get_content_type(): part for part in message.walk()}
        html = parts["text/html"].get_content()
        assert len(html.encode()) < 90_000
        pictures = {part["Content-ID"].strip("<>") for part in message.walk() if part["Content-ID"]}
        assert pictures
        assert all(f"cid:{name}" in html for name in pictures)
        assert len(parts["text/plain"].get_content()) > 500
        files = {
            Path(part.get_filename()).suffix for part in message.iter_attachments() if part.get_filename()
        }
        assert files == FILES[path.name.split(".")[0]]
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.slow
def test_every_planted_fault_is_in_quarantine_and_every_row_is_accounted_for(settings: Settings) -> None:
    loads = Warehouse(settings).query("SELECT * FROM meta.loads")
    assert (loads["rows_in"] == loads["rows_clean"] + loads["rows_quarantined"]).all()
    refused = Warehouse(settings).query("SELECT count(*) FROM quarantine.records").item()
    assert refused == loads["rows_quarantined"].sum() > 500


@pytest.mark.slow
def test_scores_of_open_loans_rank_them_as_the_true_probability_does(settings: Settings) -> None:
    """The open applications are not settled yet: only the generator knows what they risk."""
    scored = Warehouse(settings).query(
        "FROM predictions.finance_credit_default SELECT entity_id, score, as_of "
        "QUALIFY as_of = max(as_of) OVER ()"
    )
    truth = pl.read_parquet(SAMPLE / "truth" / "finance.credit_default.parquet").with_columns(
        pl.col("entity_id").cast(pl.String)
    )
    both = scored.join(truth, on="entity_id")
    assert scored["as_of"].n_unique() == 1
    assert both.height > 1000
    assert abs(both["score"].mean() - both["probability"].mean()) < 0.02
    risky = both["probability"] > both["probability"].quantile(0.9)
    assert roc_auc_score(risky, both["score"]) > 0.9


@pytest.mark.slow
def test_a_newcomer_sees_what_changed_in_a_week(settings: Settings) -> None:
    for task in ("finance_credit_default", "medical_disease_onset", "logistics_vehicle_breakdown"):
        days = Warehouse(settings).query(f"SELECT DISTINCT as_of FROM predictions.{task} ORDER BY as_of")
        first, last = days["as_of"].to_list()
        assert (last - first).days == 7


@pytest.mark.slow
def test_the_second_demo_has_nothing_left_to_do(demo_home: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (demo_home / "outbox").iterdir()}
    done = sda("demo", "--no-dashboard", "--json", home=demo_home)
    assert json.loads(done.stdout)["reused"] is True
    assert {path: path.stat().st_mtime_ns for path in (demo_home / "outbox").iterdir()} == before
