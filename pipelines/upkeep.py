"""Keeps the lake small and tidy: merges small files, forgets old snapshots, removes files nobody names."""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from pipelines.settings import Settings
from pipelines.store import Delivery, ModelVersion, Store, now
from pipelines.warehouse import Warehouse, data_path

_KEEP_DAYS = 90


@dataclass(frozen=True)
class Tidied:
    """What upkeep did. Sizes in bytes."""

    snapshots_expired: int
    bytes_before: int
    bytes_after: int


@dataclass(frozen=True)
class DiskUse:
    """What the home folder holds, and what the disk has left; bytes."""

    lake: int
    store: int
    models: int
    outbox: int
    archive: int
    free: int


def tidy(settings: Settings, keep_days: int = _KEEP_DAYS) -> Tidied:
    """Merges small files, expires snapshots older than `keep_days`, deletes unreferenced files.

    Snapshots that an issue was sent from or that a model in service was trained on are kept, so that a
    report can be made again to the letter.
    """
    warehouse = Warehouse(settings)
    before = disk_use(settings).lake
    pinned = _pinned_snapshots(settings)
    with warehouse.maintaining() as connection:
        connection.execute("CALL ducklake_merge_adjacent_files('lake')")
        old = [
            int(row[0])
            for row in connection.execute(
                "SELECT snapshot_id FROM ducklake_snapshots('lake') WHERE snapshot_time < ? "
                "AND snapshot_id < (SELECT max(snapshot_id) FROM ducklake_snapshots('lake'))",
                [now() - timedelta(days=keep_days)],
            ).fetchall()
        ]
        expired = [snapshot for snapshot in old if snapshot not in pinned]
        if expired:
            connection.execute(f"CALL ducklake_expire_snapshots('lake', versions => {expired})")
        # A day's grace: a reader may still hold a file that has just been replaced.
        grace = "older_than => now() - INTERVAL 1 DAY"
        connection.execute(f"CALL ducklake_cleanup_old_files('lake', {grace})")
        connection.execute(f"CALL ducklake_delete_orphaned_files('lake', {grace})")
    return Tidied(len(expired), before, disk_use(settings).lake)


def disk_use(settings: Settings) -> DiskUse:
    """How much the parts of the home take. A lake on object storage counts as 0."""
    home = settings.home
    lake = 0 if "://" in data_path(settings) else _size(home / "lake")
    free = shutil.disk_usage(home if home.exists() else Path.cwd()).free
    store = sum(_size(path) for path in home.glob("store.sqlite*"))
    models, outbox, archive = (_size(home / folder) for folder in ("models", "outbox", "archive"))
    return DiskUse(lake, store, models, outbox, archive, free)


def _pinned_snapshots(settings: Settings) -> set[int]:
    with Store(settings).session() as session:
        sent = session.scalars(
            select(Delivery.snapshot_id).where(Delivery.snapshot_id.is_not(None)).distinct()
        )
        models = session.scalars(select(ModelVersion.snapshot_id).where(ModelVersion.state == "in_service"))
        return {snapshot for snapshot in (*sent, *models) if snapshot is not None}


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
