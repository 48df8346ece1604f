"""What a person decides: `assistant.toml` (safe to commit) and `SDA_*` variables (secrets and overrides)."""

import errno
import os
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from connectors.errors import AssistantError, UsageError, did_you_mean
from pipelines.contract import Mode
from pipelines.mailing import (
    AccountSettings,
    CalendarSettings,
    MailSettings,
    PlanSettings,
    ReportSettings,
    dangling,
)
from pipelines.report_files import with_files
from pipelines.section import Language, Section, known_timezone, plain_name
from pipelines.toml_file import in_words, read_toml

DEFAULT_CONFIG = "assistant.toml"
LOCAL_CONFIG = "assistant.local.toml"
_PREFIXES = {"SmtpSettings": "SDA_SMTP_", "ImapSettings": "SDA_IMAP_"}  # of the variables of each
_ADDED_LOCALLY = ("sources", "tasks", "reports")
_OWN_SCHEMAS = (
    "meta",
    "quarantine",
    "predictions",
    "plans",
    "forecasts",
    "main",
    "information_schema",
    "pg_catalog",
)


class SourceSettings(Section):
    """One source: which connector reads it, and which table it fills.

    `table` may be left empty where the connector names its own tables (fhir). `mode` empty means
    merge where there is a key, replace where there is none.
    """

    connector: str
    domain: str
    table: str = ""
    key: list[str] = []
    incremental: str = ""
    mode: Mode | Literal[""] = ""
    options: dict[str, Any] = {}

    @field_validator("domain", "table")
    @classmethod
    def _plain(cls, name: str) -> str:
        if "." in name:
            raise ValueError(f"«{name}» must not contain a dot")
        return plain_name(name) if name else name

    @field_validator("domain")
    @classmethod
    def _not_ours(cls, name: str) -> str:
        if name.lower() in _OWN_SCHEMAS or not name:
            raise ValueError(f"«{name}» cannot be a domain: the assistant keeps its own records there")
        return name


class TableSettings(Section):
    """A table made from other tables by the SELECT in the file `sql`."""

    sql: str


class RoutingSettings(Section):
    """How routes are planned.

    Travel times come from `matrix` (a CSV: from, to, metres, seconds), else from the OSRM-compatible server
    `osrm`, else from speeds learned from past trips, else from great-circle distance x `detour` at
    `speed_kmh`. `tiles` is the tile server of the maps (`https://…/{z}/{x}/{y}.png`); empty: a plain
    background.
    """

    objective: Literal["distance", "cost", "vehicles"] = "cost"
    seconds: float = Field(default=20.0, gt=0)  # of search, for each depot of a planned day
    matrix: str = ""
    osrm: str = ""
    detour: float = Field(default=1.35, ge=1)
    speed_kmh: float = Field(default=35.0, gt=0)
    tiles: str = ""


class StockSettings(Section):
    """How stock is planned: the service level of articles that name none, what a day's orders may cost."""

    service_level: float = Field(default=0.95, ge=0.5, lt=1)
    # What decides: costs, where they are known; or the level, as a share of units or of orders in time.
    service: Literal["costs", "fill", "cycle"] = "costs"
    lead_days: int = Field(default=7, ge=0)  # where no order was ever received
    review_days: int = Field(default=1, ge=1)  # between two looks at the stock
    budget: float | None = Field(default=None, ge=0)  # of a day's proposals, in the currency of the costs
    seconds: float = Field(default=60.0, ge=0)  # of forecasting


class SmtpSettings(BaseSettings):
    """The mail server. Without a host, mails are written as `.eml` files to `<home>/outbox`."""

    model_config = SettingsConfigDict(env_prefix="SDA_SMTP_", extra="ignore", frozen=True)

    host: str = ""
    port: int = 587
    user: str = ""
    password: SecretStr = SecretStr("")
    tls: Literal["none", "starttls", "tls"] = "starttls"
    sender: str = Field(default="assistant@localhost", validation_alias="SDA_SMTP_FROM")
    reply_to: str = ""
    timeout: float = Field(default=30.0, gt=0)
    ca: str = ""  # file of the authorities to trust (PEM); "" for those of the machine
    per_connection: int = Field(default=100, ge=1)  # mails, before a new one is made


class ImapSettings(BaseSettings):
    """The folder on a mail server in which bounces and complaints arrive. Without a host none is read."""

    model_config = SettingsConfigDict(env_prefix="SDA_IMAP_", extra="ignore", frozen=True)

    host: str = ""
    port: int = 993
    user: str = ""
    password: SecretStr = SecretStr("")
    folder: str = "INBOX"
    tls: Literal["none", "starttls", "tls"] = "tls"
    ca: str = ""  # file of the authorities to trust (PEM); "" for those of the machine
    timeout: float = Field(default=30.0, gt=0)


class Settings(BaseSettings):
    """Everything that can be set. Environment variables win over the file, the file over defaults."""

    model_config = SettingsConfigDict(env_prefix="SDA_", extra="ignore", frozen=True)

    config: Path = Path(DEFAULT_CONFIG)
    home: Path = Path("var")
    catalog: str = ""  # "" = SQLite file in the home folder; or postgresql://...
    storage: str = ""  # "" = folder in the home folder; or s3://bucket/prefix
    database: str = ""  # "" = SQLite file in the home folder; or postgresql+psycopg://...
    encrypted: bool = False
    device: Literal["auto", "cpu", "cuda"] = "auto"  # of the transformer
    lightgbm_device: Literal["cpu", "gpu", "cuda"] = "cpu"
    train_seconds: float = Field(default=120.0, ge=0)  # to fit a task; 0: no search, no transformer
    threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    # DuckDB's limit for one process
    memory: str = Field(default="1GB", pattern=r"^\d+(\.\d+)?\s*([KMGT]i?)?B$")
    role: str = "analyst"
    language: Language = "en"
    timezone: str = "UTC"
    public_url: str = "http://127.0.0.1:8501"  # of the dashboard
    service_url: str = "http://127.0.0.1:8502"  # of the pages that mails link to, as seen from outside
    service_host: str = "127.0.0.1"  # where they listen; elsewhere only with a signing key of one's own
    service_port: int = Field(default=8502, ge=1, le=65535)
    list_domain: str = "localhost"
    signing_key: SecretStr = SecretStr("")
    delivery_lease: int = Field(default=300, gt=0)  # seconds
    name: str = "Smart Data Assistant"
    owner: str = ""
    sources: dict[str, SourceSettings] = {}
    tables: dict[str, TableSettings] = {}
    tasks: dict[str, dict[str, Any]] = {}
    reports: dict[str, ReportSettings] = {}
    plans: dict[str, PlanSettings] = {}
    accounts: dict[str, AccountSettings] = {}
    calendars: dict[str, CalendarSettings] = {}
    mail: MailSettings = MailSettings()
    routing: RoutingSettings = RoutingSettings()
    stock: StockSettings = StockSettings()
    schedules: dict[str, str] = {}

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        return known_timezone(name)

    @field_validator("sources", "tasks", "reports", "plans", "accounts", "calendars")
    @classmethod
    def _plain_names(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {plain_name(name): value for name, value in given.items()}

    @cached_property
    def smtp(self) -> SmtpSettings:
        return SmtpSettings()

    @cached_property
    def imap(self) -> ImapSettings:
        return ImapSettings()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def local_config(self) -> Path:
        """What people add from the dashboard: read like `assistant.toml`, but generated, in the home."""
        return self.home / LOCAL_CONFIG

    def beside_config(self, path: str) -> str:
        """A path written in `assistant.toml`, made absolute; addresses (`s3://`) stay as they are."""
        if "://" in path:
            return path
        return str((self.config.parent / Path(path).expanduser()).resolve())


def writable_home(home: Path) -> Path:
    """The home folder, made if it is not there; raises AssistantError where nothing can be written to it."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror
    else:
        if os.access(home, os.W_OK | os.X_OK):
            return home
        reason = os.strerror(errno.EACCES)
    raise AssistantError(
        f"The home folder {home} cannot be written to: {reason}.", "Name another one with SDA_HOME."
    )


def source_settings(name: str, entry: dict[str, Any]) -> SourceSettings:
    """What `[sources.<name>]` says, checked; raises UsageError naming the entry that is wrong."""
    try:
        return Settings.model_validate({"sources": {name: entry}}).sources[name]
    except ValidationError as error:
        raise UsageError(*in_words(f"Source «{name}»", error, Settings)) from None


def load_settings(config: Path | None = None) -> Settings:
    """Settings from `config`, else `SDA_CONFIG`, else `./assistant.toml` (which may be absent).

    Raises UsageError naming the file and the entry that is wrong.
    """
    path = (config or Path(os.environ.get("SDA_CONFIG", DEFAULT_CONFIG))).absolute()
    given = read_toml(path) if path.exists() else {}
    project = given.pop("project", {})
    if not isinstance(project, dict):
        raise UsageError(f"{path}: entry «project»: it is a section.", "Write [project] above its entries.")
    values = {**project, **given, "config": path}
    # The environment wins: pydantic-settings gives arguments priority, so those it sets are left out.
    overridden = {key.removeprefix("SDA_").lower() for key in os.environ if key.startswith("SDA_")}
    unknown = set(values) - set(Settings.model_fields)
    if unknown:
        name = min(unknown)
        known = [*Settings.model_fields, "project"]
        raise UsageError(f"{path}: unknown entry «{name}».", did_you_mean(name, known))
    try:
        settings = Settings(**{k: v for k, v in values.items() if k == "config" or k not in overridden})
        settings = settings.model_copy(update={"home": settings.home.absolute()})
        SmtpSettings()  # what is wrong in SDA_SMTP_* and SDA_IMAP_* is told before any work
        ImapSettings()
        settings = _with_report_files(settings, path)
        _check_names(path, settings, settings.reports)
        return _with_local_additions(settings)
    except ValidationError as error:
        prefix = _PREFIXES.get(error.title, "SDA_")
        raise UsageError(*in_words(str(path), error, Settings, prefix)) from None
    except SettingsError as error:  # a section given as a variable is JSON
        name = next((name for name in overridden if f'"{name}"' in str(error)), "")
        raise UsageError(f"SDA_{name.upper()} is not valid JSON.", "Correct it, or unset it.") from None


def _with_local_additions(settings: Settings) -> Settings:
    if not settings.local_config.exists():
        return settings
    added = read_toml(settings.local_config)
    own = _with_report_files(
        Settings.model_validate({name: added.get(name, {}) for name in _ADDED_LOCALLY}), settings.config
    )
    _check_names(settings.local_config, settings, own.reports)
    merged = {name: {**getattr(own, name), **getattr(settings, name)} for name in _ADDED_LOCALLY}
    return settings.model_copy(update=merged)


def _with_report_files(settings: Settings, config: Path) -> Settings:
    """The settings with what the files of reports beside `config` say."""
    return settings.model_copy(update={"reports": with_files(settings.reports, config.parent)})


def _check_names(path: Path, settings: Settings, reports: dict[str, ReportSettings]) -> None:
    """Raises UsageError where an entry names an account or a plan that is not there."""
    for entry, problem, remedy in dangling(reports, settings.accounts, settings.plans):
        raise UsageError(f"{path}: entry «{entry}»: {problem}.", remedy)
