"""The view that a subscription is cut to, beside the parameters of its report: the attribute `view`."""

from collections.abc import Sequence

from analytics.catalog import task_named
from analytics.task import Task
from connectors.errors import AssistantError, UsageError
from dashboards.explore import subscribed
from dashboards.explore.cases import contracts_of
from dashboards.explore.own_columns import own_column
from dashboards.explore.subscribed import ATTRIBUTE, MOST_VALUES, Cases
from dashboards.explore.view import View, view_of
from dashboards.explore.view_words import in_words
from dashboards.own_bands import with_bands
from dashboards.queries import predictions
from dashboards.queries.parameters import values_of
from dashboards.queries.reading import Read, reader
from dashboards.reports.reader import Attributes
from pipelines.mailing import ReportSettings
from pipelines.row_cut import Rule
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse


def view_in(attributes: Attributes) -> View | None:
    """The view among the attributes of a reader; None without one. Raises UsageError for what is none."""
    values = dict(attributes).get(ATTRIBUTE)
    return None if values is None else view_of(_single(values))


def without_view(attributes: Attributes) -> Attributes:
    """The attributes that are parameters of a report."""
    return tuple(each for each in attributes if each[0] != ATTRIBUTE)


def checked(settings: Settings, report: str, given: ReportSettings, role: str, values: Sequence[str]) -> str:
    """The view that somebody wishes for, written the one way.

    Raises UsageError where it filters by nothing, by what the cases of the report do not have, or by what
    `role` does not see; AssistantError where there are no cases yet.
    """
    text = _single(values)
    task = task_of(settings, report, given)
    view = view_of(text)
    subscribed.check_values(view, task)
    with Warehouse(settings).reading() as connection:
        read = reader(connection)
        cases = cases_now(settings, task, read)
        subscribed.check(view, cases, cases.schema(read), role)
    return text


def check_known(settings: Settings, report: str, given: ReportSettings, attributes: Attributes) -> None:
    """Raises UsageError where the view of a new wish (`checked`) asks for a value that nobody has."""
    view = view_in(attributes)
    if view is None or not view.choices:
        return
    task = task_of(settings, report, given)
    with Warehouse(settings).reading() as connection:
        read = reader(connection)

        def beside(column: str) -> list[str]:
            """What the tables behind the cases have, also where no case has it now."""
            columns = [
                f"{each.table}.{name}"
                for each in contracts_of(settings, task)
                for name in each.names
                if own_column(task, name) == column
            ]
            sources = [*columns, *filter(None, [given.parameters.get(column)])]
            return [value for source in sources for value in values_of(read, source, MOST_VALUES)]

        cases = cases_now(settings, task, read)
        subscribed.check_known(view, cases, cases.schema(read), read, beside)


def rule(settings: Settings, report: str, given: ReportSettings, view: View, role: str, read: Read) -> Rule:
    """The cut to the newest cases that pass a view, in the snapshot that `read` sees whole.

    Raises as `checked` does.
    """
    cases = cases_now(settings, task_of(settings, report, given), read)
    schema = cases.schema(read)
    subscribed.check(view, cases, schema, role)
    return subscribed.rule_of(view, cases, schema)


def cases_now(settings: Settings, task: Task, read: Read) -> Cases:
    """The newest cases of a task. Raises AssistantError where it was never scored."""
    days = predictions.days(read, task)
    if not days:
        raise AssistantError(
            f"The cases of {task.name} cannot be filtered: it was not scored yet.",
            f"Run `sda train {task.name}` and `sda score {task.name}` first.",
        )
    return Cases(settings, task, days[0], next(iter(days[1:]), None))


def trouble(settings: Settings, report: str, given: ReportSettings, role: str, attributes: Attributes) -> str:
    """Why a reader's view cannot be kept to any more, in words; "" where it can, or there is none."""
    if ATTRIBUTE not in dict(attributes):
        return ""
    try:
        checked(settings, report, given, role, dict(attributes)[ATTRIBUTE])
    except AssistantError as error:
        return str(error)
    return ""


def told(settings: Settings, task_name: str, attributes: Attributes, language: str) -> str:
    """The view in words, "" without one; its query where the task is gone."""
    text = next(iter(dict(attributes).get(ATTRIBUTE, ())), "")
    if not text:
        return ""
    try:
        task = with_bands(settings, task_named(task_name, settings))
    except AssistantError:
        return text
    return in_words(settings, task, view_of(text), language)


def _single(values: Sequence[str]) -> str:
    if len(values) != 1:
        raise UsageError(
            f"There are {len(values)} views; a subscription is cut to one.",
            "Name several values of a filter in one view: f.band=high&f.band=very_high.",
        )
    return subscribed.normal(values[0])


def task_of(settings: Settings, report: str, given: ReportSettings) -> Task:
    """The task whose cases a report lists. Raises UsageError where there is none that a view could cut."""
    if not given.task:
        raise UsageError(
            f"Report «{report}» lists no cases, so no view cuts it.",
            "Leave the view out, or take a report about a task.",
        )
    task = with_bands(settings, task_named(given.task, settings))
    subscribed.check_task(task)
    return task
