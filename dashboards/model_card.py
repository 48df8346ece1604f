"""A model card: what a version is for, what it was made from, how good and how fair it is, and its limits.

After Mitchell et al. (2019), «Model cards for model reporting». `model_card` gathers it, `model_card_page`
and `model_card_markdown` write it down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.catalog import task_named
from analytics.task import Task
from connectors.errors import AssistantError, UsageError, did_you_mean
from dashboards.domain_words import general_purpose, notice_of, purpose_of
from dashboards.models import decision, fairness, history, importance, leaderboard, trust, watching
from dashboards.models.measures import headlines, in_a_sentence, warning
from dashboards.models.subject import Subject, figure, table
from dashboards.numbers import day, integer, moment
from dashboards.own_bands import with_bands
from dashboards.queries import models
from dashboards.reports.report import Fact, Paragraph, Section
from dashboards.wording import in_language, together, with_commas, with_semicolons
from pipelines.settings import Settings
from pipelines.store import ModelVersion, Store

_LEFT_OUT = 60  # more features than this are counted, not listed


@dataclass(frozen=True, eq=False)
class Chapter:
    """A part of the card under one heading."""

    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, eq=False)
class ModelCard:
    """The card of one version in one language."""

    title: str
    language: str
    version: str
    summary: str
    facts: tuple[Fact, ...]
    chapters: tuple[Chapter, ...]
    file_stem: str


def model_card(settings: Settings, task_name: str, version: str = "", language: str = "en") -> ModelCard:
    """The card of `version` (default: the one in service) of a task.

    Raises UsageError for an unknown task, version or language, AssistantError where no model serves.
    """
    task = with_bands(settings, task_named(task_name, settings))
    return card_of(subject_of(settings, task, version, language))


def subject_of(settings: Settings, task: Task, version: str, language: str) -> Subject:
    """A version (default: the one in service) with its check and what its folder says of it."""
    store = Store(settings)
    row = _version(models.versions(store, task.name), task, version)
    check = models.latest_check(store, task.name, row.version)
    return Subject(task, row, language, settings.timezone, check, _written_down(settings, row))


def _version(known: list[ModelVersion], task: Task, version: str) -> ModelVersion:
    if version:
        found = next((row for row in known if row.version == version), None)
        if found is None:
            hint = did_you_mean(version, [row.version for row in known])
            raise UsageError(f"{task.name} has no version «{version}».", hint)
        return found
    serving = next((row for row in known if row.state == "in_service"), None)
    if serving is None:
        raise AssistantError(f"{task.name} has no model in service.", f"Run `sda train {task.name}` first.")
    return serving


def _written_down(settings: Settings, row: ModelVersion) -> Mapping[str, Any]:
    """What the version's folder says; {} where its files are gone, damaged or of another release."""
    from analytics import registry

    try:
        return registry.card(settings, row)
    except AssistantError:
        return {}


def card_of(subject: Subject) -> ModelCard:
    """The chapters of a card; one without anything to say is left out."""
    _, task = subject.say, subject.task
    chapters = (
        Chapter(_("What it is for"), tuple(_use(subject))),
        Chapter(_("The data"), tuple(_data(subject))),
        Chapter(_("How good it is"), tuple(_quality(subject))),
        Chapter(_("Candidates and the choice"), tuple(leaderboard.sections(subject))),
        Chapter(_("Can the scores be trusted?"), tuple(trust.sections(subject))),
        Chapter(_("Decisions"), tuple(decision.sections(subject))),
        Chapter(_("Fairness"), tuple(fairness.sections(subject))),
        Chapter(_("What the model looks at"), tuple(importance.sections(subject))),
        Chapter(_("In service"), tuple(watching.sections(subject))),
        Chapter(_("Limits"), tuple(_limits(subject))),
        Chapter(_("How it was made"), tuple(_making(subject))),
    )
    title = in_language(task.meaning.title, subject.language)
    return ModelCard(
        title=_("Model card: {title}").format(title=title),
        language=subject.language,
        version=subject.version.version,
        summary=in_a_sentence(task.kind, subject.part("test"), subject.language, task.meaning.unit),
        facts=_facts(subject),
        chapters=tuple(each for each in chapters if each.sections),
        file_stem=f"model-card-{task.name}-{subject.version.version}-{subject.language}",
    )


def _facts(subject: Subject) -> tuple[Fact, ...]:
    _, version = subject.say, subject.version
    return (
        Fact(_("Task"), subject.task.name),
        Fact(_("Version"), version.version),
        Fact(_("State"), history.state_label(version.state, _)),
        Fact(_("Trained"), moment(version.created_at, subject.language, subject.timezone)),
    )


def _use(subject: Subject) -> list[Section]:
    _, meaning, language = subject.say, subject.task.meaning, subject.language
    ways = {
        "binary": _("For each {entity}: the probability that it {event}."),
        "multiclass": _("For each {entity}: how likely each class is ({event})."),
        "regression": _("For each {entity}: {event}, with the range it may lie in."),
    }
    entity = in_language(meaning.entity, language)
    predicted = ways[subject.task.kind].format(entity=entity, event=subject.event)
    if meaning.horizon_days:
        horizon = _("It looks {days} days ahead.").format(days=integer(meaning.horizon_days, language))
        predicted = together((predicted, horizon), language)
    purpose = purpose_of(subject.task.name, _) or general_purpose(_)
    shown: list[Section] = [
        Paragraph(_("What is predicted"), predicted),
        Paragraph(_("Intended use"), purpose),
    ]
    warning = notice_of(subject.task.domain, _)
    return [*shown, Paragraph(_("Please note"), warning, "notice")] if warning else shown


def _data(subject: Subject) -> list[Section]:
    _, language, rows = subject.say, subject.language, subject.version.rows or {}
    ways = {
        "time": _("by time: the test cases are the latest ones, so the model is judged on its future"),
        "entity": _("by case: a case that is tested on is never learned from"),
    }
    lines = {
        _("Snapshot of the warehouse"): str(subject.version.snapshot_id),
        _("Cases learned from"): integer(figure(rows.get("train")), language),
        _("Cases for calibration"): _("the same, out of fold")
        if rows.get("cross_fitted")
        else integer(figure(rows.get("calibration")), language),
        _("Cases tested on"): integer(figure(rows.get("test")), language),
        _("Split"): ways.get(str(rows.get("split")), str(rows.get("split", ""))),
    }
    given = {name: value for name, value in lines.items() if value}
    shown: list[Section] = [
        table("data", _("Rows"), {_("Fact"): list(given), _("Value"): list(given.values())})
    ]
    features = [subject.label(str(name)) for name in subject.card.get("features") or ()]
    if features:
        more = len(features) - _LEFT_OUT
        told = with_semicolons(features[:_LEFT_OUT], subject.language) + (
            _(" and {more} more").format(more=more) if more > 0 else ""
        )
        shown.append(Paragraph(_("What it learns from"), told))
    if notes := subject.card.get("notes"):
        shown.append(Paragraph(_("Remarks on the data"), " ".join(str(note) for note in notes)))
    return shown


def _quality(subject: Subject) -> list[Section]:
    if not subject.part("test"):
        return []
    _ = subject.say
    unit = subject.task.meaning.unit
    sentence = in_a_sentence(subject.task.kind, subject.part("test"), subject.language, unit)
    shown: list[Section] = [headlines(subject)]
    return [Paragraph(_("On cases it has not seen"), sentence), *shown] if sentence else shown


def _limits(subject: Subject) -> list[Section]:
    _ = subject.say
    protected = [
        in_language(info.label, subject.language)
        for info in subject.task.feature_info.values()
        if info.protected
    ]
    sentences = [
        _("It has learned from this organisation's past; where things have changed, it can be wrong."),
        _("A reason says what moved the score, not what causes the outcome."),
        _("What it says of one case can be wrong even where it is right on average."),
        _("Groups with few cases are judged with little certainty."),
    ]
    if protected:
        told = _("Protected attributes that it must not be used to decide by: {attributes}.")
        sentences.append(told.format(attributes=with_commas(protected, subject.language)))
    forbidden = _(
        "It must not decide about anyone on its own, be used for people or goods that the data does not "
        "cover, or serve another purpose than the one above."
    )
    if told := warning(subject.version.metrics, subject.language):
        sentences.insert(0, told)
    return [
        Paragraph(_("What it cannot do"), together(sentences, subject.language)),
        Paragraph(_("What it must not be used for"), forbidden, "notice"),
    ]


def _making(subject: Subject) -> list[Section]:
    _, card, version = subject.say, subject.card, subject.version
    libraries = ", ".join(f"{name} {number}" for name, number in (card.get("libraries") or {}).items())
    lines = {
        _("Trained"): day(version.created_at, subject.language, subject.timezone),
        _("Libraries"): libraries,
        _("Seed"): str(card.get("seed", "")),
        _("Checksum of its files (SHA-256)"): version.checksum,
        _("Rule as it was recorded"): str(subject.part("choice").get("rule") or ""),
        _("Note of the promotion"): version.note or "",
    }
    given = {name: value for name, value in lines.items() if value}
    return [table("making", _("Provenance"), {_("Fact"): list(given), _("Value"): list(given.values())})]
