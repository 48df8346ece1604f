"""Addresses that nothing is sent to, and bounces, at the command line."""

import json
import mailbox
from pathlib import Path

from flows import doctor
from pipelines.settings import Settings, load_settings
from pipelines.store import Delivery, Store, Subscription, now
from tests.dashboards.subscriptions import returned_mails as mails
from tests.flows.conftest import Sda


def test_an_address_is_blocked_listed_and_lifted(sda: Sda, home: Settings) -> None:
    assert "No address" in sda("suppression", "list").stdout
    assert json.loads(sda("suppression", "add", "Ann@example.org", "--note", "left", "--json").stdout) == {
        "email": "ann@example.org",
        "added": True,
    }
    (row,) = json.loads(sda("suppression", "list", "--json").stdout)
    assert (row["email"], row["reason"], row["detail"]) == ("ann@example.org", "person", "left")
    assert sda("suppression", "lift", "ANN@example.org").exit_code == 0
    assert sda("suppression", "lift", "ann@example.org").exit_code == 1
    assert sda("suppression", "add", "nobody").exit_code == 2


def test_bounces_are_taken_in_and_told(sda: Sda, home: Settings, tmp_path: Path) -> None:
    (tmp_path / "assistant.toml").write_text('list_domain = "lists.example.org"\n[mail]\nbounces = "box"\n')
    missing = next(each for each in doctor.examine() if each.check == "bounce mailbox")
    assert (missing.ok, "it is not there" in missing.detail) == (False, True)
    assert sda("delivery", "bounces").exit_code == 1
    with Store(load_settings()).session() as session:
        session.add(Subscription(id=1, email=mails.READER, report="fleet-daily", schedule="@data"))
        session.flush()
        session.add(Delivery(subscription_id=1, period=now(), state="sent", message_id=mails.MESSAGE_ID))
    box = mailbox.mbox(tmp_path / "box")
    box.add(mails.exim())
    box.close()
    (row,) = json.loads(sda("delivery", "bounces", "--json").stdout)
    assert (row["kind"], row["email"], row["status"], row["suppressed"]) == (
        "hard",
        mails.READER,
        "5.1.1",
        True,
    )
    assert "Nothing new" in sda("delivery", "bounces").stdout
