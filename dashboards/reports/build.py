"""From a report's name to a finished report, out of one snapshot of the warehouse."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import polars as pl

from analytics.task import Task
from connectors.errors import AssistantError, UsageError, did_you_mean
from dashboards import domains
from dashboards.addresses import link_to_model, link_to_page
from dashboards.models.measures import warning
from dashboards.models.subject import Subject
from dashboards.models.watching import in_a_line, verdict_sentence
from dashboards.numbers import ABSENT, day, integer, moment, number
from dashboards.own_bands import with_bands
from dashboards.queries import models, predictions, reading
from dashboards.reports.any_task import blueprint_for
from dashboards.reports.desk import Blueprint, Desk
from dashboards.reports.reader import Reader
from dashboards.reports.report import Fact, Paragraph, Report, Section
from dashboards.wording import say
from pipelines.catalog import contracts
from pipelines.settings import Settings
from pipelines.store import Check, ModelVersion, Store, now
from pipelines.warehouse import Warehouse, quoted


@cache
def blueprints() -> Mapping[str, Blueprint]:
    """The reports that ship, by name: every `dashboards/domains/<domain>/report.py` brings one."""
    found = [
        import_module(f"{domains.__name__}.{domain.name}.report").REPORT
        for domain in iter_modules(domains.__path__)
    ]
    return {blueprint.name: blueprint for blueprint in found}


def report_names(settings: Settings) -> list[str]:
    """The reports there are: those that ship and those of `assistant.toml`."""
    return sorted({*blueprints(), *settings.reports})


def blueprint_of(settings: Settings, name: str) -> Blueprint:
    """How the report `name` is written; raises UsageError if there is none.

    A report of `assistant.toml` is written like the one that ships with its domain, or about its own task.
    """
    from analytics.catalog import task_named

    if name in blueprints():
        return blueprints()[name]
    if name not in settings.reports:
        raise UsageError(f"There is no report «{name}».", did_you_mean(name, report_names(settings)))
    if settings.reports[name].task:
        task = task_named(settings.reports[name].task, settings)
        return blueprint_for(name, task, contracts(settings).get(task.table))
    domain = settings.reports[name].domain
    for blueprint in blueprints().values():
        if blueprint.domain == domain:
            return blueprint
    known = [blueprint.domain for blueprint in blueprints().values()]
    raise UsageError(f"Report «{name}»: no domain is called «{domain}».", did_you_mean(domain, known))


def build(
    settings: Settings,
    name: str,
    reader: Reader,
    *,
    snapshot: int | None = None,
    period: datetime | None = None,
) -> Report:
    """The issue of report `name` for `period` (default: now), read from `snapshot` (default: the newest).

    Raises UsageError for an unknown report, language or role, AssistantError when nothing was scored yet.
    """
    from analytics.catalog import task_named

    blueprint = blueprint_of(settings, name)
    task = with_bands(settings, task_named(blueprint.task, settings))
    warehouse = Warehouse(settings)
    chosen = warehouse.snapshot() if snapshot is None else snapshot
    zone = reader.timezone or settings.timezone
    with warehouse.reading(chosen) as connection:
        read = reading.reader(connection)
        days = predictions.days(read, task)
        if not days:
            raise AssistantError(
                f"Report «{name}» has nothing to show: {task.name} was not scored yet.",
                f"Run `sda train {task.name}` and `sda score {task.name}` first.",
            )
        version = str(read(_MODEL.format(quoted(task.predictions_table)), [days[0]])["model_version"][0])
        model = _model(settings, task, version)
        check = models.latest_check(Store(settings), task.name, version, days[0])
        bins = pl.DataFrame((model.metrics if model else {}).get("reliability") or {})
        before = days[1] if len(days) > 1 else None
        issue = period or now()
        desk = Desk(
            read, task, days[0], before, reader.language, zone, reader.role, bins, settings.name, issue
        )
        content = blueprint.write(desk)
    given = settings.reports.get(name)
    return Report(
        name=name,
        title=given.title if given and given.title else content.title,
        summary=content.summary,
        organisation=settings.name,
        language=reader.language,
        timezone=zone,
        period=issue,
        as_of=days[0],
        snapshot=chosen,
        model_version=version,
        link=link_to_page(settings, task.name),
        model_link=link_to_model(settings, task.name, version),
        facts=_facts(desk, issue, chosen, version, model, check),
        sections=(*_warnings(desk, check, model), *content.sections),
        documents=content.documents,
    )


_MODEL = "SELECT model_version FROM {} WHERE as_of = ? LIMIT 1"


def _model(settings: Settings, task: Task, version: str) -> ModelVersion | None:
    """What is known of the model that made the scores; None where it was not trained here."""
    with Store(settings).session() as session:
        return session.query(ModelVersion).filter_by(task=task.name, version=version).one_or_none()


def _warnings(desk: Desk, check: Check | None, model: ModelVersion | None) -> list[Section]:
    """What a reader must know first where the model is not to be relied on."""
    _ = desk.say
    found: list[Section] = []
    if check is not None and check.verdict == "act":
        found.append(Paragraph(_("This report is held"), verdict_sentence("act", desk.language), "notice"))
    if told := warning(model.metrics if model else None, desk.language):
        found.append(Paragraph(_("Scores that only rank"), told, "notice"))
    return found


def _facts(
    desk: Desk, period: datetime, snapshot: int, version: str, model: ModelVersion | None, check: Check | None
) -> tuple[Fact, ...]:
    _ = say(desk.language)
    before = day(desk.before, desk.language) if desk.before else _("this is the first")
    return (
        Fact(_("Issue"), moment(period, desk.language, desk.timezone)),
        Fact(_("Data as of"), day(desk.as_of, desk.language)),
        Fact(_("Data of the issue before"), before),
        Fact(_("Snapshot of the warehouse"), str(snapshot)),
        Fact(_("Model"), f"{desk.task.name} {version}"),
        Fact(_("Tested on cases it had not seen"), _verdict(desk, model)),
        Fact(_("Drift"), in_a_line(check, desk.language, desk.timezone) or _("not checked yet")),
    )


def _verdict(desk: Desk, model: ModelVersion | None) -> str:
    """How good the model that made the scores proved to be on held-out cases."""
    _ = say(desk.language)
    tested = model.metrics.get("test", {}) if model else {}
    if model is None or "auroc" not in tested:
        return ABSENT
    return _("AUROC {auroc}, calibration error {error}, {rows} cases").format(
        auroc=Subject(desk.task, model, desk.language).measured("auroc"),
        error=number(tested.get("ece"), desk.language, 3),
        rows=integer(model.rows.get("test"), desk.language),
    )
