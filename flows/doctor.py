"""Whether this machine has what the product needs, each finding with what to do."""

import ctypes
import errno
import platform
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

from connectors.errors import AssistantError, UsageError
from dashboards.service.run import check, is_loopback
from pipelines.settings import Settings, load_settings

_LOCK = Path(__file__).parents[1] / "requirements.lock"
_ENOUGH_DISK = 2_000_000_000  # bytes: an ingest of a few million rows with its scratch files


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `remedy` says what to do where it is not `ok`."""

    check: str
    ok: bool
    detail: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Everything, in the order in which one would put it right."""
    findings = [_python(), _packages(), _openmp()]
    try:
        settings = load_settings()
    except UsageError as error:
        return [*findings, Finding("settings", ok=False, detail=error.problem, remedy=error.remedy)]
    return [*findings, *_of(settings)]


def _of(settings: Settings) -> Iterator[Finding]:
    there = settings.config.exists()
    yield Finding(
        "settings",
        ok=there,
        detail=f"{settings.config}: {'valid' if there else 'not there'}",
        remedy="Write one with `sda init`, or name one with SDA_CONFIG.",
    )
    yield _schedules(settings)
    yield _reports(settings)
    yield _fonts()
    yield _disk(settings)
    yield _catalog(settings)
    yield _store(settings)
    yield _port("dashboard", "127.0.0.1", 8501)
    yield _port("pages", settings.service_host, settings.service_port)
    yield _signing(settings)
    if settings.smtp.host:
        yield _smtp(settings)
        yield _links(settings)
    if settings.mail.bounces or settings.imap.host:
        yield _bounces(settings)
    if settings.plans:
        yield _plans(settings)


def _python() -> Finding:
    return Finding(
        "python",
        sys.version_info[:2] == (3, 11),
        platform.python_version(),
        "Version 3.11 is the one tested.",
    )


def _packages() -> Finding:
    if not _LOCK.exists():
        return Finding("packages", ok=True, detail="installed without a lock file beside the code")
    wanted = dict(line.split("==") for line in _LOCK.read_text(encoding="utf-8").split() if "==" in line)
    other = [
        f"{name} {found or 'missing'} (wanted {pinned})"
        for name, pinned in wanted.items()
        if (found := _installed(name)) != pinned
    ]
    detail = "; ".join(other[:5]) if other else f"all {len(wanted)} as in requirements.lock"
    return Finding("packages", not other, detail, "Run `make setup`.")


def _installed(name: str) -> str:
    try:
        return version(name).split("+", 1)[0]  # a build for the CPU is the same version
    except PackageNotFoundError:
        return ""


def _openmp() -> Finding:
    """LightGBM needs GNU OpenMP, which slim images leave out."""
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        return Finding(
            "libgomp1",
            ok=False,
            detail="not installed: training and scoring cannot work",
            remedy="Run `apt-get install libgomp1` (or `make setup` as root).",
        )
    return Finding("libgomp1", ok=True, detail="found")


def _schedules(settings: Settings) -> Finding:
    from flows.schedules import timetable

    try:
        lines = timetable(settings)
    except UsageError as error:
        return Finding("schedules", ok=False, detail=error.problem, remedy=error.remedy)
    return Finding("schedules", ok=True, detail=f"{len(lines)} flows are scheduled ({settings.timezone})")


def _plans(settings: Settings) -> Finding:
    from dashboards.subscriptions.accounts.limits import check_plans

    try:
        check_plans(settings)
    except UsageError as error:
        return Finding("plans", ok=False, detail=error.problem, remedy=error.remedy)
    return Finding("plans", ok=True, detail="their reports and currencies are known")


def _reports(settings: Settings) -> Finding:
    """Whether all reports are about something that there is, with sections and parameters that there are."""
    from dashboards.reports.declared import report_names, report_settings

    names = report_names(settings)
    try:
        for name in names:
            report_settings(settings, name)
    except UsageError as error:
        return Finding("reports", ok=False, detail=error.problem, remedy=error.remedy)
    return Finding("reports", ok=True, detail=", ".join(names))


def _fonts() -> Finding:
    from dashboards.charts import fonts

    try:
        found = fonts.font_file()
    except AssistantError as error:
        return Finding("fonts", ok=False, detail=error.problem, remedy=error.remedy)
    return Finding("fonts", ok=True, detail=f"Chinese text on paper: {found}")


def _disk(settings: Settings) -> Finding:
    from pipelines.upkeep import disk_use

    free = disk_use(settings).free
    detail = f"{free / 1e9:.1f} GB free at {settings.home}"
    return Finding(
        "disk", free > _ENOUGH_DISK, detail, "Free some space; `sda flow run upkeep` tidies the lake."
    )


def _catalog(settings: Settings) -> Finding:
    from pipelines.warehouse import Warehouse

    try:
        snapshot = Warehouse(settings).snapshot()
    except Exception as error:  # noqa: BLE001 - whatever stops it from opening is the finding
        return Finding(
            "warehouse", ok=False, detail=_kind(error), remedy="Check SDA_HOME, SDA_CATALOG and SDA_STORAGE."
        )
    return Finding("warehouse", ok=True, detail=f"opens, snapshot {snapshot}")


def _store(settings: Settings) -> Finding:
    from pipelines.store import Store

    try:
        Store(settings)
    except Exception as error:  # noqa: BLE001 - whatever stops it from opening is the finding
        return Finding("store", ok=False, detail=_kind(error), remedy="Check SDA_HOME and SDA_DATABASE.")
    return Finding("store", ok=True, detail="opens, its schema is up to date")


def _kind(error: Exception) -> str:
    """Drivers like to quote the address, password and all."""
    return str(error) if isinstance(error, AssistantError) else f"does not open ({type(error).__name__})"


def _port(what: str, host: str, port: int) -> Finding:
    """Whether it is free; not, where this program may be running on it, which is no fault."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return Finding(
                f"{what} port", ok=True, detail=f"port {port} is in use, perhaps by the {what} running"
            )
        return Finding(
            f"{what} port",
            ok=False,
            detail=f"nothing can listen on {host}:{port} ({error.strerror})",
            remedy="Set SDA_SERVICE_HOST to an address of this machine, and a port above 1023.",
        )
    return Finding(f"{what} port", ok=True, detail=f"port {port} is free")


def _signing(settings: Settings) -> Finding:
    """The key of the links in mails: long enough, secret, and one's own where others can reach the pages."""
    from pipelines.signing import fingerprint, is_own_choice, key_file

    try:
        check(settings)
    except AssistantError as error:
        return Finding("signing key", ok=False, detail=error.problem, remedy=error.remedy)
    if is_own_choice(settings):
        return Finding(
            "signing key", ok=True, detail=f"SDA_SIGNING_KEY (fingerprint {fingerprint(settings)})"
        )
    file = key_file(settings)
    return Finding(
        "signing key",
        ok=not file.stat().st_mode & 0o077,
        detail=f"{file} (fingerprint {fingerprint(settings)})",
        remedy=f"Others can read it: `chmod 600 {file}`.",
    )


def _links(settings: Settings) -> Finding:
    """Mails that go out need links that readers can open."""
    host = urlsplit(settings.service_url).hostname or ""
    is_outside = not is_loopback(host) or is_loopback(settings.smtp.host)
    return Finding(
        "links in mails",
        ok=is_outside,
        detail=f"they lead to {settings.service_url}",
        remedy="Readers cannot reach that: set SDA_SERVICE_URL to where a proxy shows the pages.",
    )


def _bounces(settings: Settings) -> Finding:
    """Whether the mailboxes can be read; nothing is taken in and nothing marked as seen."""
    from dashboards.subscriptions.returns.mailboxes import trouble

    found = trouble(settings)
    if found is None:
        return Finding("bounce mailbox", ok=True, detail="can be read")
    return Finding("bounce mailbox", ok=False, detail=found.problem, remedy=found.remedy)


def _smtp(settings: Settings) -> Finding:
    smtp = settings.smtp
    try:
        with socket.create_connection((smtp.host, smtp.port), timeout=min(smtp.timeout, 10)):
            return Finding("mail server", ok=True, detail=f"{smtp.host}:{smtp.port} answers")
    except OSError as error:
        detail = f"{smtp.host}:{smtp.port} does not answer ({error.strerror or type(error).__name__})"
        return Finding(
            "mail server", ok=False, detail=detail, remedy="Check SDA_SMTP_HOST and SDA_SMTP_PORT."
        )
