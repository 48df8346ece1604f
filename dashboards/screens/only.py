"""A page at the filter of a report: the address says which rows, the page shows those and says so.

`?only.depot=D01&only.depot=D05` cuts everything on the page as it cuts the report that links to it, so that
the numbers of both are the same. It is a filter, no permission: whoever may open the dashboard may take it
away.
"""

from collections import defaultdict

import streamlit as st

from analytics.row_cuts import label_of, row_cut
from connectors.errors import UsageError
from dashboards.addresses import ONLY
from dashboards.queries.values import values_there
from dashboards.reports.reader import Attributes, attributes_of
from dashboards.screens.address import name_in_address
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from dashboards.wording import in_language, with_commas
from pipelines.row_cut import Rule
from pipelines.settings import Settings


def asked() -> Attributes:
    """The attributes in the address; an empty value is none."""
    names = [name for name in st.query_params if name.startswith(ONLY)]
    return attributes_of(
        {name.removeprefix(ONLY): [each for each in st.query_params.get_all(name) if each] for name in names}
    )


def narrowed(here: Here, task: str = "") -> Here:
    """This drawing, cut to the rows that the address of the page of `task` asks for.

    Raises UsageError for a parameter that the page does not know, and on a page of no task for any.
    """
    attributes = asked()
    if not attributes:
        return here
    parameters = parameters_of_page(here.settings, task) if task else {}
    return here.cut_to(row_cut(here.settings, parameters, attributes))


def parameters_of_page(settings: Settings, task: str) -> dict[str, str]:
    """What may cut the page of a task: the parameters of the reports about it, then of those of its domain.

    Raises UsageError where two of these reports mean different columns by one name.
    """
    from dashboards.reports.declared import blueprint_of, report_names, report_settings

    about: dict[bool, dict[str, set[str]]] = {True: defaultdict(set), False: defaultdict(set)}
    for name in report_names(settings):
        blueprint = blueprint_of(settings, name)
        if blueprint.domain != task.partition(".")[0]:
            continue
        for parameter, column in report_settings(settings, name).parameters.items():
            about[blueprint.task == task][parameter].add(column)
    known = {**about[False], **about[True]}
    for parameter, columns in known.items():
        if len(columns) > 1:
            raise UsageError(
                f"The reports of this page cut by different columns under the name «{parameter}»: "
                f"{', '.join(sorted(columns))}.",
                "Give the parameters different names in `assistant.toml`.",
            )
    return {parameter: columns.pop() for parameter, columns in known.items()}


def show_chips(here: Here) -> None:
    """Says which rows the page shows, a line for each parameter, with a way to drop it."""
    if here.cut is None:
        return
    _ = here.say
    for rule in here.cut.rules:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(
                _("Only: {what}").format(what=escaped(_in_words(here, rule))), icon=":material/filter_alt:"
            )
            st.button(
                _("Drop this filter"),
                key=f"drop-{rule.parameter}",
                icon=":material/close:",
                type="tertiary",
                on_click=_drop,
                args=(rule.parameter,),
            )


def show_nothing_left(here: Here) -> None:
    """Says that no case is among the rows asked for, and which values are not there at all (any more)."""
    _, language = here.say, here.language
    st.info(_("No case belongs to this selection."), icon=":material/filter_alt_off:")
    for rule in here.cut.rules if here.cut else ():
        gone = sorted({*rule.values} - {*here.ask_of_all(values_there, rule)})
        if gone:
            st.markdown(
                _("There is no {what} {values} (any more).").format(
                    what=escaped(_label(here, rule)), values=escaped(with_commas(gone, language))
                )
            )


def _in_words(here: Here, rule: Rule) -> str:
    """`Depot D01, D05`."""
    values = with_commas(rule.values, here.language) if rule.values else here.say("(none)")
    return f"{_label(here, rule)} {values}"


def _label(here: Here, rule: Rule) -> str:
    reference = f"{rule.table}.{rule.column}"
    return in_language(label_of(here.settings, rule.parameter, reference), here.language)


def _drop(parameter: str) -> None:
    name_in_address(ONLY + parameter, "")
