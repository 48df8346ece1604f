"""The doctor finds what is wrong and says what to do."""

import json
from pathlib import Path

import pytest

from flows import doctor
from pipelines.settings import Settings
from pipelines.signing import key_file, signing_key
from tests.flows.conftest import Sda


def test_a_healthy_machine_has_no_finding(shop: Settings) -> None:
    assert [finding for finding in doctor.examine() if not finding.ok] == []


def test_missing_openmp_is_told_with_the_remedy(
    shop: Settings, sda: Sda, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(doctor.ctypes, "CDLL", absent)
    result = sda("doctor")
    assert result.exit_code == 1
    assert "apt-get install libgomp1" in result.stdout


def test_a_package_that_is_not_the_locked_one_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("click==0.0.1\n")
    monkeypatch.setattr(doctor, "_LOCK", lock)
    finding = doctor._packages()
    assert not finding.ok
    assert "click" in finding.detail


def test_wrong_settings_are_a_finding(sda: Sda, tmp_path: Path) -> None:
    (tmp_path / "assistant.toml").write_text("timezone = 'Mars'\n")
    result = sda("doctor", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)[-1]["check"] == "settings"


def test_a_mail_server_that_does_not_answer_is_told(shop: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setenv("SDA_SMTP_HOST", "127.0.0.1")
    with socket.socket() as held:  # and not listened to: nobody else can take the port meanwhile
        held.bind(("127.0.0.1", 0))
        monkeypatch.setenv("SDA_SMTP_PORT", str(held.getsockname()[1]))
        [finding] = [finding for finding in doctor.examine() if finding.check == "mail server"]
    assert not finding.ok


def test_a_catalog_that_does_not_open_keeps_its_password_to_itself(home: Settings) -> None:
    wrong = home.model_copy(update={"database": "postgresql+psycopg://sda:s3cret@127.0.0.1:1/none"})
    finding = doctor._store(wrong)
    assert not finding.ok
    assert "s3cret" not in finding.detail + finding.remedy


def test_a_key_that_others_can_read_is_told(shop: Settings) -> None:
    signing_key(shop)
    assert found("signing key").ok
    key_file(shop).chmod(0o644)
    assert not found("signing key").ok
    assert "chmod 600" in found("signing key").remedy


def test_pages_open_to_others_without_a_key_of_ones_own_are_told(
    shop: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDA_SERVICE_HOST", "0.0.0.0")
    assert "SDA_SIGNING_KEY" in found("signing key").remedy
    monkeypatch.setenv("SDA_SIGNING_KEY", "long enough, and random")
    assert found("signing key").ok
    assert "long enough" not in found("signing key").detail


def test_links_that_no_reader_can_open_are_told(shop: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_smtp", lambda _: doctor.Finding("mail server", ok=True, detail="answers"))
    monkeypatch.setenv("SDA_SMTP_HOST", "smtp.acme.example")
    assert not found("links in mails").ok
    monkeypatch.setenv("SDA_SERVICE_URL", "https://acme.example/mail")
    assert found("links in mails").ok


def test_an_address_that_is_none_of_this_machine_is_told(
    shop: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDA_SERVICE_HOST", "192.0.2.1")
    assert not found("pages port").ok


def found(check: str) -> doctor.Finding:
    return next(finding for finding in doctor.examine() if finding.check == check)


def test_a_report_with_a_section_that_there_is_not_is_told(home: Settings) -> None:
    home.config.write_text('[reports.mine]\ndomain = "finance"\nsections = ["rankings"]\n')
    finding = next(each for each in doctor.examine() if each.check == "reports")
    assert not finding.ok
    assert "rankings" in finding.detail
    assert "ranking" in finding.remedy
