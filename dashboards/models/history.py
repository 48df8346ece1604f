"""All versions of a task's model: which serves, which served before, which was not good enough."""

from collections.abc import Sequence

from dashboards.models.measures import measures
from dashboards.models.subject import Subject, figure, table
from dashboards.numbers import integer, moment
from dashboards.reports.report import Section
from dashboards.wording import Say
from pipelines.store import ModelVersion


def sections(subject: Subject, versions: Sequence[ModelVersion]) -> list[Section]:
    """One row a version, newest first."""
    if not versions:
        return []
    _, language = subject.say, subject.language
    first = measures(subject.task.kind, _)[0]
    told = [Subject(subject.task, each, language, subject.timezone) for each in versions]
    columns = {
        _("Version"): [each.version for each in versions],
        _("State"): [state_label(each.state, _) for each in versions],
        _("Trained"): [moment(each.created_at, language, subject.timezone) for each in versions],
        _("Cases learned from"): [
            integer(figure((each.rows or {}).get("train")), language) for each in versions
        ],
        _("{measure} on the test cases").format(measure=first.label): [
            each.measured(first.name) for each in told
        ],
        _("Note"): [each.note or "" for each in versions],
    }
    return [table("versions", _("All versions"), columns)]


def state_label(state: str, _: Say) -> str:
    """The state of a version in words."""
    words = {
        "in_service": _("in service"),
        "retired": _("retired"),
        "rejected": _("not promoted"),
        "candidate": _("candidate"),
    }
    return words.get(state, state)
