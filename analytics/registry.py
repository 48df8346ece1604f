"""Model versions: files that cannot run code, checked before use, and the one version in service.

A version is a folder `models/<task>/<version>/` of the home: trees as LightGBM text, numbers and provenance
as JSON, and the SHA-256 of each. It appears whole or not at all (written aside, then renamed), and counts
only once the operational store names it; the store also holds the checksum of the checksums.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from analytics.model import Model
from analytics.task import Task
from connectors.errors import AssistantError, UsageError, did_you_mean
from pipelines.notices import notify, resolve
from pipelines.settings import Settings
from pipelines.store import Audit, ModelVersion, Store

FORMAT = 3
_CARD, _SUMS = "card.json", "checksums.json"
_UNFINISHED = ".unfinished-"
_TRAINING = "training"  # who promotes, in the audit
NOTICE = "model_damaged"


class DamagedModelError(AssistantError):
    """Files of a model version are missing or are not what was written."""


@contextmanager
def training_lock(settings: Settings, task: Task) -> Iterator[None]:
    """One training of a task at a time; what a killed one left unfinished is removed first."""
    folder = settings.home / "models" / task.name
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "training.lock"):
        for left in folder.glob(_UNFINISHED + "*"):
            shutil.rmtree(left)
        yield


def save(settings: Settings, task: Task, model: Model, card: dict[str, Any]) -> ModelVersion:
    """Writes a new version and returns its row, not yet in the store; `card` says where it comes from."""
    version = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ") + "-" + uuid4().hex[:8]
    folder = settings.home / "models" / task.name
    unfinished = folder / (_UNFINISHED + version)
    unfinished.mkdir(parents=True)
    content = {
        "format": FORMAT,
        "task": task.name,
        "version": version,
        **card,
        "model": model.save(unfinished),
    }
    (unfinished / _CARD).write_text(_json(content), encoding="utf-8")
    written = sorted(path for path in unfinished.rglob("*") if path.is_file())
    sums = {path.relative_to(unfinished).as_posix(): _sha256(path) for path in written}
    (unfinished / _SUMS).write_text(_json(sums), encoding="utf-8")
    for path in unfinished.rglob("*"):
        _flush(path)
    unfinished.rename(folder / version)
    return ModelVersion(
        task=task.name,
        version=version,
        state="candidate",
        snapshot_id=card["snapshot_id"],
        path=f"models/{task.name}/{version}",
        checksum=_sha256(folder / version / _SUMS),
        metrics=card["metrics"],
        rows=card["rows"],
    )


def enter(settings: Settings, row: ModelVersion) -> None:
    """Puts a version into the store; one that is `in_service` retires the one before in the same moment.

    Of two promotions in the same moment, on two machines, the later one is the one that serves.
    """
    for attempt in Retrying(
        retry=retry_if_exception_type(IntegrityError), stop=stop_after_attempt(3), reraise=True
    ):
        with attempt, Store(settings).session() as session:
            if row.state == "in_service":
                _retire(session, row.task)
                session.add(Audit(who=_TRAINING, action="model.promote", detail=f"{row.task} {row.version}"))
            session.add(row)
    if row.state == "in_service":
        resolve(settings, NOTICE, row.task)


def in_service(settings: Settings, task: Task) -> ModelVersion | None:
    """The version in service, or None before the first."""
    with Store(settings).session() as session:
        return session.scalars(_of(task.name).where(ModelVersion.state == "in_service")).one_or_none()


def named(settings: Settings, task: Task, version: str) -> ModelVersion:
    """The version of that name; raises AssistantError where it was not trained here."""
    with Store(settings).session() as session:
        wanted = select(ModelVersion).where(ModelVersion.task == task.name, ModelVersion.version == version)
        row = session.scalars(wanted).one_or_none()
    if row is None:
        raise AssistantError(
            f"{task.name} has no model version «{version}».", f"`sda task show {task.name}` lists them."
        )
    return row


def required(settings: Settings, task: Task) -> ModelVersion:
    """The version in service; raises AssistantError if there is none."""
    row = in_service(settings, task)
    if row is None:
        raise AssistantError(f"{task.name} has no model in service.", f"Run `sda train {task.name}` first.")
    return row


def serving(settings: Settings, task: Task) -> tuple[ModelVersion, Model]:
    """The version in service and its model.

    Where its files are damaged, the sound version that served last takes its place, which is told as a
    notice. Raises AssistantError if there is no version in service or none of them is sound.
    """
    row = required(settings, task)
    try:
        return row, load(settings, row)
    except DamagedModelError as error:
        return _fall_back(settings, task, row, error)


def champion(settings: Settings, task: Task) -> ModelVersion | None:
    """The version that a new one has to beat: the one in service, None where there is none that can score:
    all are damaged, or an older version of the assistant made it.
    """
    if in_service(settings, task) is None:
        return None
    try:
        return serving(settings, task)[0]
    except AssistantError:
        return None


def history(settings: Settings, task: Task) -> list[ModelVersion]:
    """All versions, newest first."""
    with Store(settings).session() as session:
        return list(session.scalars(_of(task.name).order_by(ModelVersion.id.desc())))


def rollback(settings: Settings, task: Task, version: str = "", who: str = "") -> ModelVersion:
    """Puts `version` (default: the one that served last) back into service; UsageError if there is none.

    Its files are checked before it serves.
    """
    earlier = [row for row in history(settings, task) if row.state != "in_service"]
    chosen = next((r for r in earlier if (r.version == version if version else r.state == "retired")), None)
    if chosen is None:
        what = f"no version «{version}»" if version else "no earlier version to go back to"
        raise UsageError(f"{task.name} has {what}.", did_you_mean(version, [row.version for row in earlier]))
    load(settings, chosen)
    with Store(settings).session() as session:
        _retire(session, task.name, f" Rolled back to {chosen.version}.")
        session.get_one(ModelVersion, chosen.id).state = "in_service"
        session.add(Audit(who=who, action="model.rollback", detail=f"{task.name} {chosen.version}"))
    resolve(settings, NOTICE, task.name)
    return required(settings, task)


def _fall_back(
    settings: Settings, task: Task, damaged: ModelVersion, error: DamagedModelError
) -> tuple[ModelVersion, Model]:
    """Puts the newest sound version that served before into service, in place of a damaged one.

    Where another process has taken the damaged one out of service meanwhile, what it put there serves.
    """
    found = next(_sound(settings, task), None)
    if found is None:
        notify(settings, NOTICE, task.name, f"The model of {task.name} is damaged", str(error))
        raise error
    row, model = found
    said = f" Damaged; replaced by {row.version}."
    with Store(settings).session() as session:
        if not _retire(session, task.name, said, "rejected", damaged.version):
            return serving(settings, task)
        session.get_one(ModelVersion, row.id).state = "in_service"
        session.add(
            Audit(who="", action="model.fallback", detail=f"{task.name} {damaged.version} {row.version}")
        )
    notify(
        settings,
        NOTICE,
        task.name,
        f"The model of {task.name} is damaged",
        f"{error.problem} The version before, {row.version}, serves in its place until the next training.",
    )
    return required(settings, task), model


def _sound(settings: Settings, task: Task) -> Iterator[tuple[ModelVersion, Model]]:
    """Versions that served before and can be loaded, newest first."""
    for row in history(settings, task):
        if row.state == "retired":
            with suppress(AssistantError):
                yield row, load(settings, row)


def load(settings: Settings, row: ModelVersion) -> Model:
    """The model of a version, its files checked; kept in memory for the next call.

    Raises AssistantError if a file is missing or is not what was written.
    """
    return _load(settings.home / row.path, row.checksum, settings.threads)


def card(settings: Settings, row: ModelVersion) -> dict[str, Any]:
    """What is written down about a version: features, parameters, metrics, provenance."""
    return _checked_card(settings.home / row.path, row.checksum)


@lru_cache(maxsize=16)
def _load(folder: Path, checksum: str, threads: int) -> Model:
    return Model.load(folder, _checked_card(folder, checksum)["model"], threads)


def _checked_card(folder: Path, checksum: str) -> dict[str, Any]:
    try:
        sums: dict[str, str] = json.loads(_text_of(folder, _SUMS, checksum))
        for name, expected in sums.items():
            if name != _CARD:
                _bytes_of(folder, name, expected)
        content: dict[str, Any] = json.loads(_text_of(folder, _CARD, sums[_CARD]))
    except FileNotFoundError as error:
        raise _damaged(folder, f"{Path(str(error.filename)).name} is missing") from None
    if content["format"] != FORMAT:
        raise AssistantError(
            f"The model {folder.name} of {folder.parent.name} is of another version of the assistant.",
            f"Run `sda train {folder.parent.name}`.",
        )
    return content


def _text_of(folder: Path, name: str, expected: str) -> str:
    return _bytes_of(folder, name, expected).decode()


def _bytes_of(folder: Path, name: str, expected: str) -> bytes:
    content = (folder / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != expected:
        raise _damaged(folder, f"{name} is not the file that was written")
    return content


def _damaged(folder: Path, what: str) -> DamagedModelError:
    task = folder.parent.name
    return DamagedModelError(
        f"The model {folder.name} of {task} is damaged: {what}. It was not loaded.",
        f"Restore the folder from a backup, or run `sda task rollback {task}` or `sda train {task}`.",
    )


def _retire(
    session: Session, task: str, note: str = "", state: str = "retired", version: str | None = None
) -> bool:
    """Takes the version in service (or only `version`) out of it, and says whether there was one.

    One statement, so that two promotions at once queue here.
    """
    found = update(ModelVersion).where(ModelVersion.task == task, ModelVersion.state == "in_service")
    found = found.where(ModelVersion.version == version) if version else found
    retired = session.execute(
        found.values(state=state, note=ModelVersion.note + note).returning(ModelVersion.id)
    )
    return retired.first() is not None


def _of(task: str) -> Any:
    return select(ModelVersion).where(ModelVersion.task == task)


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False, default=str)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _flush(path: Path) -> None:
    """Waits until a file is on the disk, so that a version in the store never points at half a file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
