"""Backup and restore: a home comes back whole, elsewhere, and nothing else is touched."""

import io
import tarfile
from pathlib import Path

import pytest
from filelock import FileLock, Timeout
from pydantic import SecretStr

from connectors.errors import AssistantError, UsageError
from dashboards.reports.reader import Reader
from dashboards.subscriptions.keeping.archive import issue, keep
from flows import backup as backup_module
from flows.backup import back_up, coverage
from flows.restore import restore
from pipelines.ingest import ingest
from pipelines.settings import Settings, load_settings
from pipelines.signing import key_file, signing_key
from pipelines.store import Audit, Store
from pipelines.warehouse import Warehouse
from tests.dashboards.service.conftest import an_issue


@pytest.fixture
def loaded(shop: Settings) -> Settings:
    ingest(shop)
    with Store(shop).session() as session:
        session.add(Audit(who="ann", action="export"))
    (shop.home / "models" / "shop.late" / "v1").mkdir(parents=True)
    (shop.home / "models" / "shop.late" / "v1" / "card.json").write_text("{}")
    keep(shop, an_issue(), Reader(), "key")
    signing_key(shop)
    (shop.home / "models" / "shop.late" / ".unfinished-v2").mkdir()
    (shop.home / "models" / "shop.late" / ".unfinished-v2" / "card.json").write_text("{")
    return shop


@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz", "b.tar.zst"])
def test_a_restored_home_opens_elsewhere_and_goes_on(
    loaded: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    made = back_up(loaded, tmp_path / name)
    elsewhere = tmp_path / "another place"
    done = restore(tmp_path / name, elsewhere / "var", elsewhere / "assistant.toml")
    assert done.files == made.files
    assert (tmp_path / name).stat().st_mode & 0o077 == 0
    assert (elsewhere / "assistant.toml").read_text() == loaded.config.read_text()
    (elsewhere / "orders.csv").write_text("order_id,ordered_at,amount\n9,2026-02-01,1\n")
    loaded.home.rename(tmp_path / "gone")
    monkeypatch.setenv("SDA_HOME", str(elsewhere / "var"))
    settings = load_settings(elsewhere / "assistant.toml")
    assert Warehouse(settings).query("SELECT sum(amount) AS s FROM shop.orders")["s"].to_list() == [37.75]
    with Store(settings).session() as session:
        assert [entry.who for entry in session.query(Audit)] == ["ann"]
    assert [result.rows_clean for result in ingest(settings)] == [1]
    assert (settings.home / "models" / "shop.late" / "v1" / "card.json").exists()
    assert not (settings.home / "models" / "shop.late" / ".unfinished-v2").exists()
    kept = issue(settings, "key")
    assert kept.letter.html == an_issue().html
    assert kept.source.path.stat().st_mode & 0o777 == 0o600
    assert (
        key_file(settings).read_bytes()
        == key_file(loaded.model_copy(update={"home": tmp_path / "gone"})).read_bytes()
    )
    assert key_file(settings).stat().st_mode & 0o777 == 0o600


def test_writers_of_the_warehouse_wait_while_it_is_copied(
    loaded: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []
    copied = backup_module._copied

    def watched(source: Path, target: Path) -> Path:
        with pytest.raises(Timeout):
            FileLock(loaded.home / "warehouse.lock", is_singleton=False).acquire(timeout=0)
        held.append(source.name)
        return copied(source, target)

    monkeypatch.setattr(backup_module, "_copied", watched)
    back_up(loaded, tmp_path / "b.tar")
    assert held == ["store.sqlite", "catalog.sqlite"]


def test_a_home_that_holds_something_is_replaced_only_by_force(loaded: Settings, tmp_path: Path) -> None:
    back_up(loaded, tmp_path / "b.tar")
    target = tmp_path / "full"
    target.mkdir()
    (target / "precious").write_text("x")
    with pytest.raises(UsageError, match="not empty"):
        restore(tmp_path / "b.tar", target, loaded.config)
    assert (target / "precious").exists()
    restore(tmp_path / "b.tar", target, loaded.config, force=True)
    assert not (target / "precious").exists()
    assert (target / "store.sqlite").exists()


def test_settings_that_exist_stay_and_those_of_the_backup_lie_beside(
    loaded: Settings, tmp_path: Path
) -> None:
    back_up(loaded, tmp_path / "b.tar")
    loaded.config.write_text("# newer\n")
    done = restore(tmp_path / "b.tar", tmp_path / "new", loaded.config)
    assert loaded.config.read_text() == "# newer\n"
    assert (Path(done.settings_in) / "assistant.toml").read_text().startswith("[project]")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz", "b.tar.zst"])
def test_a_cut_backup_restores_nothing(loaded: Settings, tmp_path: Path, name: str, share: float) -> None:
    file = tmp_path / name
    back_up(loaded, file)
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(AssistantError, match="damaged"):
        restore(file, tmp_path / "new", tmp_path / "new.toml")
    assert list((tmp_path / "new").iterdir()) == []
    assert not (tmp_path / "new.toml").exists()


def test_a_flipped_bit_is_noticed(loaded: Settings, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    back_up(loaded, file)
    content = bytearray(file.read_bytes())
    place = content.index(b"[project]")
    content[place + 1] ^= 1
    file.write_bytes(content)
    with pytest.raises(AssistantError, match="checksums"):
        restore(file, tmp_path / "new", tmp_path / "new.toml")


def hostile(path: Path, member: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w") as tar:
        manifest = tarfile.TarInfo("manifest.json")
        manifest.size = len(b'{"format": 1}')
        tar.addfile(manifest, io.BytesIO(b'{"format": 1}'))
        tar.addfile(member, io.BytesIO(b"x" * member.size))
    return path


@pytest.mark.parametrize(
    "name", ["home/../../escaped", "/etc/escaped", "home/a/../../../escaped", "elsewhere/x"]
)
def test_no_member_leads_out_of_the_home(home: Settings, tmp_path: Path, name: str) -> None:
    member = tarfile.TarInfo(name)
    member.size = 1
    with pytest.raises(AssistantError, match="does not belong"):
        restore(hostile(tmp_path / "b.tar", member), tmp_path / "deep" / "new", tmp_path / "a.toml")
    assert not list(tmp_path.rglob("escaped"))


def test_a_link_in_a_backup_is_refused(home: Settings, tmp_path: Path) -> None:
    member = tarfile.TarInfo("home/models")
    member.type, member.linkname = tarfile.SYMTYPE, "/etc"
    with pytest.raises(AssistantError, match="no plain file"):
        restore(hostile(tmp_path / "b.tar", member), tmp_path / "new", tmp_path / "a.toml")


def test_what_lies_elsewhere_is_named(home: Settings) -> None:
    assert coverage(home)[1] == []
    shared = home.model_copy(update={"catalog": "postgresql://db/lake", "storage": "s3://bucket/lake"})
    covers, leaves_out = coverage(shared)
    assert covers == [
        "operational store",
        "signing key",
        "models",
        "settings",
        "contracts",
        "archive of issues",
    ]
    assert len(leaves_out) == 2
    own = home.model_copy(update={"signing_key": SecretStr("a key of one's own")})
    assert coverage(own)[1] == ["signing key: in SDA_SIGNING_KEY"]


@pytest.mark.parametrize("name", ["b.zip", "b", "b.gz"])
def test_a_name_that_says_no_packing_is_refused(loaded: Settings, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"\.tar"):
        back_up(loaded, tmp_path / name)
    assert not list(tmp_path.glob("b*"))
