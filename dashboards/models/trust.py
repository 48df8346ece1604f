"""Do the scores keep their promise: reliability, what the error is made of, and how often label sets hold."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from analytics.label_sets import OF_TWO
from dashboards import figures
from dashboards.models.subject import Subject, figure, table
from dashboards.numbers import integer, number, percent
from dashboards.reports.report import Paragraph, Section
from dashboards.wording import Say, together, with_value


def sections(subject: Subject) -> list[Section]:
    """Reliability diagram, the parts of the error, the way of calibration, and measured coverage."""
    return [*_reliability(subject), *_calibration(subject), *_coverage(subject)]


def _reliability(subject: Subject) -> list[Section]:
    bins = subject.part("reliability")
    if not all(bins.get(name) for name in ("predicted", "observed", "cases")):
        return []
    return [figures.reliability(pl.DataFrame(dict(bins)), subject.language)]


def _calibration(subject: Subject) -> list[Section]:
    """The method, and the Brier score after Murphy (1973): uncertainty - resolution + reliability."""
    _, language = subject.say, subject.language
    calibration = subject.part("calibration")
    parts = calibration.get("brier") or {}
    sentences = []
    if calibration.get("method"):
        sentences.append(_("Calibration: {method}.").format(method=_method(str(calibration["method"]), _)))
    values = [figure(parts.get(name)) for name in ("uncertainty", "resolution", "reliability")]
    if None not in values:
        unknown, apart, off = (number(value, language, 4) for value in values)
        sentences.append(
            _(
                "Somebody who only knew the average would have a squared error of {unknown}. Telling cases "
                "apart takes {apart} off it; scores that are too high or too low add {off}."
            ).format(unknown=unknown, apart=apart, off=off)
        )
    return [Paragraph(_("What the error is made of"), together(sentences, language))] if sentences else []


def _method(name: str, _: Say) -> str:
    words = {
        "none": _("none was needed, the scores were right as they came"),
        "platt": _("a logistic curve (Platt)"),
        "isotonic": _("a rising staircase (isotonic)"),
        "beta": _("a beta curve"),
    }
    return words.get(name, name)


def _coverage(subject: Subject) -> list[Section]:
    coverage = subject.part("coverage")
    nominal, overall = figure(coverage.get("nominal")), figure(coverage.get("overall"))
    if nominal is None or overall is None:
        return []
    _, language = subject.say, subject.language
    ranges = subject.task.kind == "regression"
    sentence = (
        _("Of 100 ranges, {nominal} should hold the true value; of the cases tested it was {overall}.")
        if ranges
        else _(
            "A label set names every outcome that cannot be ruled out for a case. Of 100 sets, {nominal} "
            "should hold what really happened; of the cases tested it was {overall}."
        )
    ).format(nominal=number(100 * nominal, language, 0), overall=number(100 * overall, language, 1))
    if size := figure(coverage.get("mean_size")):
        more = (
            _("A range is {size} wide on average.")
            if ranges
            else _("A set holds {size} outcomes on average; the closer to one, the more it says.")
        )
        sentence = together((sentence, more.format(size=number(size, language, 2))), language)
    return [
        Paragraph(_("Do the ranges hold?") if ranges else _("Do the label sets hold?"), sentence),
        _covered(subject, coverage, overall),
    ]


def _covered(subject: Subject, coverage: Mapping[str, Any], overall: float) -> Section:
    """Coverage of all, of each class and of each group."""
    _, language = subject.say, subject.language
    rows: list[tuple[str, Any, Any]] = [(_("All cases"), coverage.get("rows"), overall)]
    for name, share in (coverage.get("by_class") or {}).items():
        rows.append((_outcome(subject, str(name)), None, share))
    for attribute, groups in (coverage.get("by_group") or {}).items():
        for each in groups:
            group = with_value(subject.label(attribute), subject.code(str(each.get("group"))), language)
            rows.append((group, each.get("cases"), each.get("coverage")))
    return table(
        "coverage",
        _("Coverage, measured"),
        {
            _("Cases"): [name for name, _cases, _share in rows],
            _("How many"): [integer(figure(cases), language) for _name, cases, _share in rows],
            _("Held what happened"): [percent(figure(share), language) for _name, _cases, share in rows],
        },
    )


def _outcome(subject: Subject, name: str) -> str:
    """The cases of one outcome, in words."""
    _ = subject.say
    if subject.task.kind != "binary":
        return name
    negative, positive = subject.task.classes or OF_TWO
    return {positive: _("Cases with the event"), negative: _("Cases without it")}.get(name, name)
