"""The archive: what was sent comes back to the byte, damage is noticed, nobody sees what was not for them."""

import multiprocessing
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from connectors.errors import AssistantError
from dashboards.reports.reader import Reader, attributes_of
from dashboards.subscriptions.keeping import archive, vault
from pipelines.access import ROLES
from pipelines.mailing import MailSettings
from pipelines.settings import Settings
from pipelines.store import ArchivedIssue, Delivery, Store, Subscription, now
from tests.dashboards.service.conftest import CSV, PDF, PERIOD, PNG, House, an_issue


def files_of(settings: Settings) -> list[Path]:
    return sorted((settings.home / archive.FOLDER).rglob("*.zip"))


def test_an_issue_comes_back_whole_with_what_the_store_says_of_it(house: House) -> None:
    reader = Reader("en", "analyst", attributes=attributes_of({"depot": ["D05", "D01"]}))
    issue = an_issue()
    entry = archive.keep(house.settings, issue, reader, "key")
    assert (entry.role, entry.attributes) == ("analyst", {"depot": ["D01", "D05"]})
    assert (entry.report, entry.snapshot_id, entry.values) == (
        "fleet-daily",
        7,
        {"rows": 12.0, "urgent": 3.0},
    )
    kept = archive.issue(house.settings, "key")
    assert kept.letter.html == issue.html
    assert kept.letter.pictures == {"chart.fleet@report": PNG}
    assert kept.letter.attachments == issue.attachments
    assert [(file.name, file.size, file.travelled) for file in kept.files] == [
        (CSV.name, CSV.size, True),
        (PDF.name, PDF.size, True),
    ]
    assert b"".join(kept.pieces(PDF.name)) == PDF.content
    with pytest.raises(KeyError):
        kept.pieces("../store.sqlite")


def test_a_mail_is_made_again_to_the_byte_for_each_of_its_readers(house: House) -> None:
    readers = [house.reader(), house.reader("bob@acme.example")]
    issue = an_issue()
    sent = [house.sent(each, issue) for each in readers]
    assert len(files_of(house.settings)) == 1
    for delivery, mail in sent:
        assert archive.mail(house.settings, delivery.id) == mail
    assert sent[0][1] != sent[1][1]


@pytest.mark.parametrize(
    "change",
    [
        {"service_url": "https://elsewhere.example"},
        {"owner": "somebody@else.example"},
        {"list_domain": "else.example"},
        {"mail": MailSettings(archive_days=70)},
        {"name": "Another House"},
    ],
)
def test_settings_that_changed_since_change_no_mail_that_left(
    house: House, change: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery, sent = house.sent(house.reader())
    monkeypatch.setenv("SDA_SMTP_FROM", "another@else.example")
    monkeypatch.setenv("SDA_SMTP_REPLY_TO", "another@else.example")
    changed = Settings(**{**house.settings.model_dump(exclude={"signing_key"}), **change})
    assert changed.smtp.sender == "another@else.example"
    assert archive.mail(changed, delivery.id) == sent


def test_a_mail_that_cannot_be_made_again_is_told_and_never_a_different_one(house: House) -> None:
    ann = house.reader()
    delivery, _mail = house.sent(ann)
    other = house.settings.model_copy(update={"signing_key": SecretStr("another key, long enough")})
    with pytest.raises(AssistantError, match="to the byte"):
        archive.mail(other, delivery.id)
    house.change(ann, email="moved@acme.example")
    with pytest.raises(AssistantError, match="to the byte"):
        archive.mail(house.settings, delivery.id)


def test_the_same_issue_sent_again_under_another_sender_is_kept_beside_the_first(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, sent = house.sent(house.reader())
    elsewhere = House(house.settings.model_copy(update={"service_url": "https://elsewhere.example"}))
    second, sent_later = elsewhere.sent(elsewhere.reader("bob@acme.example"))
    assert first.issue_key != second.issue_key
    for settings in (house.settings, elsewhere.settings):
        assert archive.mail(settings, first.id) == sent
        assert archive.mail(settings, second.id) == sent_later


def test_deliveries_without_a_kept_mail_are_told(house: House) -> None:
    ann = house.reader()
    with Store(house.settings).session() as session:
        notice = Delivery(subscription_id=ann.id, period=PERIOD, kind="notice", state="sent")
        session.add(notice)
    with pytest.raises(AssistantError, match="no mail is kept"):
        archive.mail(house.settings, notice.id)
    with pytest.raises(AssistantError, match="no delivery 99"):
        archive.mail(house.settings, 99)


def test_keeping_the_same_again_changes_nothing(house: House) -> None:
    first = archive.keep(house.settings, an_issue(), Reader(), "key")
    again = archive.keep(house.settings, an_issue(), Reader(), "key")
    assert (first.key, first.path, first.created_at) == (again.key, again.path, again.created_at)
    assert len(files_of(house.settings)) == 1


def test_other_contents_under_the_same_key_leave_the_first_as_they_were(house: House) -> None:
    archive.keep(house.settings, an_issue(), Reader(), "key")
    other = archive.keep(house.settings, an_issue(words="Another text."), Reader(), "key")
    assert other.key != "key"
    assert archive.issue(house.settings, "key").letter.text.startswith("All lorries")
    assert archive.issue(house.settings, other.key).letter.text.startswith("Another text")
    again = archive.keep(house.settings, an_issue(words="Another text."), Reader(), "key")
    assert again.key == other.key


def test_senders_that_keep_the_same_issue_at_once_keep_it_once(house: House) -> None:
    issue = an_issue()
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda _: archive.keep(house.settings, issue, Reader(), "key"), range(16)))
    assert {each.key for each in kept} == {"key"}
    assert len(files_of(house.settings)) == 1
    assert list((house.settings.home / archive.FOLDER).rglob(".*")) == []


def test_only_the_owner_may_read_the_archive(house: House) -> None:
    before = os.umask(0)
    try:
        archive.keep(house.settings, an_issue(), Reader(), "key")
    finally:
        os.umask(before)
    folder = house.settings.home / archive.FOLDER
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in files_of(house.settings)} == {0o600}


def test_a_reader_of_the_list_cannot_be_led_out_of_the_archive(house: House) -> None:
    issue = an_issue()
    hostile = replace(CSV, name="../../../escaped.csv")
    archive.keep(house.settings, replace(issue, files=(hostile,), attachments=(hostile,)), Reader(), "key")
    with zipfile.ZipFile(files_of(house.settings)[0]) as packed:
        assert not any(".." in name for name in packed.namelist())
    assert b"".join(archive.issue(house.settings, "key").pieces(hostile.name)) == CSV.content


def _repacked(file: Path, name: str, content: bytes) -> None:
    """The same ZIP, sound in itself, with one member replaced."""
    with zipfile.ZipFile(file) as packed:
        members = {each: packed.read(each) for each in packed.namelist()}
    with zipfile.ZipFile(file, "w") as packed:
        for each, old in members.items():
            packed.writestr(each, content if each == name else old)


@pytest.mark.parametrize("name", [vault.LIST, "page.html", "pictures/0.png", "files/1.pdf"])
def test_what_was_exchanged_in_the_archive_is_noticed(house: House, name: str) -> None:
    archive.keep(house.settings, an_issue(), Reader(), "key")
    _repacked(files_of(house.settings)[0], name, b'{"about": {}, "members": {}}')
    with pytest.raises(vault.DamagedError, match="damaged"):
        archive.issue(house.settings, "key").letter  # noqa: B018


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_cut_or_missing_file_is_noticed(house: House, share: float) -> None:
    archive.keep(house.settings, an_issue(), Reader(), "key")
    file = files_of(house.settings)[0]
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)]) if share else file.unlink()
    with pytest.raises(vault.DamagedError, match="backup"):
        archive.issue(house.settings, "key").letter  # noqa: B018


@pytest.mark.parametrize("member", ["list", "file"])
@pytest.mark.parametrize(
    ("place", "bit"), [(6, 64), (8, 1), (8, 32), (10, 4)], ids=["version", "password", "patch", "method"]
)
def test_a_list_of_members_that_asks_for_the_impossible_is_damage(
    house: House, member: str, place: int, bit: int
) -> None:
    archive.keep(house.settings, an_issue(), Reader(), "key")
    file = files_of(house.settings)[0]
    content = bytearray(file.read_bytes())
    entry = content.index(b"PK\x01\x02") if member == "list" else content.rindex(b"PK\x01\x02")
    content[entry + place] ^= bit
    file.write_bytes(content)
    with pytest.raises(vault.DamagedError, match="damaged"):
        archive.issue(house.settings, "key").letter  # noqa: B018


def test_no_bit_can_be_flipped_in_what_is_read(house: House) -> None:
    issue = an_issue()
    archive.keep(house.settings, issue, Reader(), "key")
    file = files_of(house.settings)[0]
    sound = file.read_bytes()
    noticed = 0
    for place in range(0, len(sound), 97):
        file.write_bytes(sound[:place] + bytes([sound[place] ^ 4]) + sound[place + 1 :])
        try:
            letter = archive.issue(house.settings, "key").letter
        except vault.DamagedError:
            noticed += 1
            continue
        # A flipped bit may lie where nothing is read from, such as a time stamp.
        assert (letter.html, letter.text, letter.attachments) == (issue.html, issue.text, issue.attachments)
        assert letter.pictures == {"chart.fleet@report": PNG}
    assert noticed > len(sound) / 97 / 2


def test_what_was_kept_long_enough_goes_and_the_store_remembers(house: House) -> None:
    ann = house.reader()
    house.sent(ann)
    assert archive.expire(house.settings, now() + timedelta(days=399)) == 0
    assert len(files_of(house.settings)) == 1
    assert archive.expire(house.settings, now() + timedelta(days=402)) == 1
    assert files_of(house.settings) == []
    with pytest.raises(archive.ExpiredIssueError, match="400 days"):
        archive.issue(house.settings, "key")
    [past] = archive.of_subscription(house.settings, ann.id)
    assert past.entry is not None
    assert not past.is_kept
    back = archive.keep(house.settings, an_issue(), Reader(), "key")
    assert archive.issue(house.settings, back.key).letter.html == an_issue().html


def test_what_a_killed_sender_left_is_tidied_and_what_others_write_now_is_not(house: House) -> None:
    archive.keep(house.settings, an_issue(), Reader(), "key")
    folder = files_of(house.settings)[0].parent
    old, fresh = folder / ".half.zip.1a2b", folder / ".half.zip.3c4d"
    for each in (old, fresh):
        each.write_bytes(b"half")
    long_ago = (now() - timedelta(days=2)).timestamp()
    os.utime(old, (long_ago, long_ago))
    archive.expire(house.settings)
    assert not old.exists()
    assert fresh.exists()
    assert len(files_of(house.settings)) == 1


def _keep_and_die(home: Path, words: str) -> None:
    settings = Settings(home=home)
    replaced = Path.replace

    def killed(self: Path, target: Path) -> Path:
        os._exit(9) if self.name.startswith(".") else None
        return replaced(self, target)

    Path.replace = killed  # type: ignore[method-assign]
    archive.keep(settings, an_issue(words=words), Reader(), "key")


def test_a_sender_killed_while_it_writes_leaves_nothing_that_is_read(house: House) -> None:
    house.reader()
    process = multiprocessing.get_context("spawn").Process(
        target=_keep_and_die, args=(house.settings.home, "All lorries are on time.")
    )
    process.start()
    process.join()
    assert process.exitcode == 9
    assert files_of(house.settings) == []
    with pytest.raises(AssistantError, match="no issue"):
        archive.issue(house.settings, "key")
    archive.keep(house.settings, an_issue(), Reader(), "key")
    assert archive.issue(house.settings, "key").letter.html == an_issue().html


values = st.sets(st.sampled_from(["D01", "D02", "D03"]), min_size=1)
attributes = st.dictionaries(st.sampled_from(["depot", "region"]), values.map(sorted))
DEPOTS, REGIONS = ["D01", "D02", "D03"], ["D01", "D02", "D03"]


@given(made_for=attributes, allowed=attributes)
def test_an_issue_is_shown_only_where_each_of_its_rows_may_be_seen(
    made_for: dict[str, list[str]], allowed: dict[str, list[str]]
) -> None:
    """Held against the rows themselves: all pairs of a depot and a region."""

    def rows(cut: dict[str, list[str]]) -> set[tuple[str, str]]:
        return {
            (depot, region)
            for depot in [*DEPOTS, "another"]
            for region in [*REGIONS, "another"]
            if depot in cut.get("depot", [depot]) and region in cut.get("region", [region])
        }

    subscription = Subscription(role="subscriber", attributes=allowed)
    entry = ArchivedIssue(role="subscriber", attributes=made_for)
    assert archive.may_see(subscription, entry) == (rows(made_for) <= rows(allowed))


@pytest.mark.parametrize("made_for", ROLES)
@pytest.mark.parametrize("role", ROLES)
def test_an_issue_is_shown_only_to_roles_that_see_as_much(made_for: str, role: str) -> None:
    subscription, entry = Subscription(role=role, attributes={}), ArchivedIssue(role=made_for, attributes={})
    assert archive.may_see(subscription, entry) == (ROLES[made_for] <= ROLES[role])
    for unknown in (Subscription(role="gone", attributes={}), Subscription(role="", attributes={})):
        assert not archive.may_see(unknown, entry)
    assert not archive.may_see(subscription, ArchivedIssue(role="gone", attributes={}))
