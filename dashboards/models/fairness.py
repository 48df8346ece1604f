"""How the model treats groups of people: the same figures for each, with intervals, and who is too few."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboards.charts.chart import Axis, Chart
from dashboards.headings import free, headed
from dashboards.models.subject import Subject, figure, table, three
from dashboards.numbers import integer, percent
from dashboards.reports.report import Paragraph, Section
from dashboards.wording import Say, with_commas, with_value

Groups = Sequence[Mapping[str, Any]]
_SHARES = ("selection_rate", "false_negative_rate", "false_positive_rate")


def attributes(subject: Subject) -> dict[str, str]:
    """The protected attributes that were looked at: column -> label."""
    return {name: subject.label(name) for name, groups in subject.part("fairness").items() if groups}


def sections(subject: Subject) -> list[Section]:
    """For each attribute a chart of what matters most, a table of all, and who is too few to judge."""
    found = attributes(subject)
    if not found:
        return []
    _ = subject.say
    shown: list[Section] = [Paragraph(_("Fairness"), introduction(_))]
    for name in found:
        shown += of_attribute(subject, name)
    return shown


def introduction(_: Say) -> str:
    """How to read the comparison of groups."""
    return _(
        "The same model may serve groups unequally. Bars that do not overlap show a difference beyond "
        "chance; whether it is unjust is for people to judge."
    )


def of_attribute(subject: Subject, name: str, measure: str = "") -> list[Section]:
    """One attribute: chart of `measure` (default: the first that is known), table, and groups too small."""
    groups: Groups = subject.part("fairness").get(name) or ()
    judged = [
        each for each in groups if any(_value(each, key) is not None for key in measures_of(subject.say))
    ]
    small = [each for each in groups if each not in judged]
    shown: list[Section] = []
    if judged:
        shown += _chart(subject, name, judged, measure)
        shown.append(_table(subject, name, judged))
    if small:
        shown.append(_too_few(subject, name, small))
    return shown


def measures_of(_: Say) -> dict[str, str]:
    """What is compared between groups: key -> what it is called."""
    return {
        "selection_rate": _("Share that the model would act on"),
        "false_negative_rate": _("Share missed, of those with the event"),
        "false_positive_rate": _("Share alarmed for nothing, of those without it"),
        "auroc": _("How well it ranks (AUROC)"),
        "ece": _("Calibration error"),
        "mean_error": _("Mean error, above 0 is too high"),
        "mean_absolute_error": _("Mean absolute error"),
    }


def measures_known(subject: Subject) -> dict[str, str]:
    """Those measures that this version has of any group."""
    groups = [each for found in subject.part("fairness").values() for each in found]
    words = measures_of(subject.say)
    return {key: told for key, told in words.items() if any(_value(each, key) is not None for each in groups)}


def _value(group: Mapping[str, Any], key: str) -> float | None:
    return three(group.get(key))[0]


def _chart(subject: Subject, name: str, groups: Groups, measure: str) -> list[Section]:
    _ = subject.say
    words = measures_of(_)
    wanted = measure or next(key for key in words if any(_value(each, key) is not None for each in groups))
    rows = []
    for each in groups:
        value, low, high = three(each.get(wanted))
        if value is not None:
            ends = (value if low is None else low, value if high is None else high)
            rows.append((subject.code(str(each.get("group"))), value, *ends))
    if not rows:
        return []
    lowest, highest = min(rows, key=lambda row: row[1]), max(rows, key=lambda row: row[1])
    is_share = wanted in _SHARES
    overlap = lowest[3] >= highest[2]
    sentence = (
        _("The groups differ by no more than chance would explain.")
        if overlap
        else _("«{high}» and «{low}» differ by more than chance would explain.").format(
            high=highest[0], low=lowest[0]
        )
    )
    return [
        Chart(
            name=f"fairness-{name}",
            kind="interval",
            title=with_value(subject.label(name), words[wanted], subject.language),
            sentence=sentence,
            data=pl.DataFrame(rows, schema=["group", "value", "low", "high"], orient="row"),
            x=Axis("group", subject.label(name), "text"),
            y=Axis("value", words[wanted], "percent" if is_share else "number"),
            lower="low",
            upper="high",
        )
    ]


def _table(subject: Subject, name: str, groups: Groups) -> Section:
    _, language = subject.say, subject.language
    columns = headed(
        [
            (subject.label(name), [subject.code(str(each.get("group"))) for each in groups]),
            (_("Cases"), [integer(figure(each.get("cases")), language) for each in groups]),
            (_("With the event"), [percent(figure(each.get("observed")), language) for each in groups]),
            (_("Mean score"), [percent(figure(each.get("mean_score")), language) for each in groups]),
        ]
    )
    for key, words in measures_of(_).items():
        cells = [subject.with_interval(each.get(key) or [], share=key in _SHARES) for each in groups]
        if any(_value(each, key) is not None for each in groups):
            columns[free(words, columns)] = cells
    title = _("{attribute}: all figures").format(attribute=subject.label(name))
    return table(f"fairness-{name}", title, columns)


def _too_few(subject: Subject, name: str, groups: Groups) -> Section:
    _ = subject.say
    language = subject.language
    told = with_commas(
        (
            f"{subject.code(str(each.get('group')))} ({integer(figure(each.get('cases')), language)})"
            for each in groups
        ),
        language,
    )
    title = _("{attribute}: too few to judge").format(attribute=subject.label(name))
    return Paragraph(title, _("Groups with too few cases to say anything: {groups}.").format(groups=told))
