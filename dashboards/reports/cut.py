"""Which rows an issue is cut to: those its reader may have, and of them those the report is about."""

from collections.abc import Mapping, Sequence

from analytics.row_cuts import label_of
from connectors.errors import AssistantError
from dashboards.reports import viewed
from dashboards.reports.declared import check_parameter, report_settings
from dashboards.reports.reader import Attributes, attributes_of
from dashboards.reports.viewed import without_view
from dashboards.wording import in_language, say, with_commas, with_semicolons
from pipelines.mailing import ReportSettings
from pipelines.settings import Settings
from pipelines.store import ArchivedIssue, Subscription


def attributes_for(name: str, given: ReportSettings, attributes: Attributes) -> Attributes:
    """What cuts report `name`: its `only` and the reader's attributes, where both name a parameter what both
    allow (which may be nothing).

    A view cuts beside them. Raises UsageError for an attribute that the report does not know: it would cut
    nothing.
    """
    for parameter, _values in without_view(attributes):
        check_parameter(name, parameter, given.parameters)
    wanted, allowed = dict(attributes_of(given.only)), dict(attributes)
    both: Mapping[str, Sequence[str]] = {
        parameter: (
            sorted(set(wanted[parameter]) & set(allowed[parameter]))
            if parameter in wanted and parameter in allowed
            else (wanted.get(parameter) or allowed.get(parameter) or ())
        )
        for parameter in {*wanted, *allowed}
    }
    return attributes_of(both)


def in_words(
    settings: Settings,
    parameters: Mapping[str, str],
    attributes: Attributes,
    language: str,
    task: str = "",
) -> str:
    """The cut as a reader understands it, `Depot D01, D05; Service express`; "" for all rows.

    `task` is the one whose cases a view among the attributes filters.
    """
    _ = say(language)
    nothing = _("(none)")
    told = [
        f"{in_language(label_of(settings, parameter, parameters[parameter]), language)} "
        f"{with_commas(values, language) or nothing}"
        for parameter, values in without_view(attributes)
    ]
    view = viewed.told(settings, task, attributes, language)
    return with_semicolons([*told, view], language)


def of_subscription(settings: Settings, entry: Subscription | ArchivedIssue, language: str) -> str:
    """The cut of a subscription, or of an issue of one, as its reader understands it; "" for all rows.

    Where the settings do not know its report or a parameter any more, the parameter's own name stands.
    """
    try:
        given = report_settings(settings, entry.report)
        known, task = given.parameters, given.task
    except AssistantError:
        known, task = {}, ""
    attributes = attributes_of(entry.attributes)
    parameters = {name: known.get(name, "") for name, _values in attributes}
    return in_words(settings, parameters, attributes, language, task)
