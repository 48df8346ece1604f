"""How a model in service is doing: has what it is fed moved, and do its scores still come true?"""

from collections.abc import Mapping
from typing import Any

from dashboards.models.measures import measures
from dashboards.models.subject import Subject, figure, table
from dashboards.numbers import ABSENT, day, integer, number
from dashboards.reports.report import Paragraph, Section
from dashboards.wording import Say, say, together, with_commas
from pipelines.store import Check

MOST = 12  # features in the table


def verdict_label(verdict: str, _: Say) -> str:
    """A verdict as one word."""
    words = {"fine": _("fine"), "watch": _("watch"), "act": _("act")}
    return words.get(verdict, verdict)


def verdict_sentence(verdict: str, language: str) -> str:
    """What a verdict means and what to do about it."""
    _ = say(language)
    words = {
        "fine": _("What the model is fed looks like what it has learned from."),
        "watch": _("Some of what the model is fed has moved: keep an eye on it."),
        "act": _(
            "What the model is fed, or what comes true, has moved so far that its scores should not be "
            "relied on until it is trained anew."
        ),
    }
    return words.get(verdict, verdict)


def in_a_line(check: Check | None, language: str, zone: str) -> str:
    """The newest check as one line; "" where there was none."""
    if check is None:
        return ""
    _ = say(language)
    return _("{verdict}, checked on {day}. {meaning}").format(
        verdict=verdict_label(check.verdict, _),
        day=day(check.at, language, zone),
        meaning=verdict_sentence(check.verdict, language),
    )


def sections(subject: Subject) -> list[Section]:
    """The verdict, the features that moved most, and how the model performs now."""
    _ = subject.say
    check = subject.check
    if check is None:
        return [Paragraph(_("Drift"), _("This version has not been checked for drift yet."))]
    line = in_a_line(check, subject.language, subject.timezone)
    told = together((line, _moved_in_words(subject, check)), subject.language)
    kind = "plain" if check.verdict == "fine" else "notice"
    shown: list[Section] = [Paragraph(_("Drift"), told, kind)]  # type: ignore[arg-type]
    return [*shown, *_performance(subject, check), *_features(subject, check)]


def _entries(check: Check) -> list[Mapping[str, Any]]:
    """The score and the features looked at, those that moved most first."""
    detail = check.detail or {}
    found = [each for each in detail.get("features") or () if isinstance(each, Mapping)]
    order = {"act": 0, "watch": 1}
    return sorted(
        found, key=lambda each: (order.get(str(each.get("verdict")), 2), -(figure(each.get("psi")) or 0.0))
    )


def _moved_in_words(subject: Subject, check: Check) -> str:
    _ = subject.say
    moved = [each for each in _entries(check) if each.get("verdict") in ("watch", "act")]
    score = (check.detail or {}).get("score") or {}
    sentences = []
    if moved:
        names = with_commas(
            (f"«{subject.label(str(each.get('feature')))}»" for each in moved[:5]), subject.language
        )
        sentences.append(_("Moved: {features}.").format(features=names))
    if score.get("verdict") in ("watch", "act"):
        sentences.append(_("The scores themselves are spread differently than when the model was trained."))
    return together(sentences, subject.language)


def _performance(subject: Subject, check: Check) -> list[Section]:
    """Measured where outcomes have arrived, estimated before; beside what the test promised."""
    _, language, detail = subject.say, subject.language, check.detail or {}
    tested: Mapping[str, Any] = {
        "metrics": subject.part("test"),
        "intervals": subject.part("intervals"),
        "cases": (subject.version.rows or {}).get("test"),
    }
    told: dict[str, Mapping[str, Any]] = {
        _("When it was trained"): tested,
        _("Measured since, where the outcome is known"): detail.get("performance") or {},
        _("Estimated now, before outcomes arrive"): detail.get("estimated") or {},
    }
    rows = {title: part for title, part in told.items() if part.get("metrics")}
    if len(rows) < 2:
        return []
    columns = {_("Performance"): list(rows)}
    for measure in measures(subject.task.kind, _):
        columns[measure.label] = [
            subject.with_interval(
                [part["metrics"].get(measure.name), *((part.get("intervals") or {}).get(measure.name) or ())]
            )
            for part in rows.values()
        ]
    columns[_("Cases")] = [integer(figure(part.get("cases")), language) for part in rows.values()]
    return [*_rate(subject, check), table("performance", _("Does it still perform?"), columns)]


def _rate(subject: Subject, check: Check) -> list[Section]:
    """How many were predicted to have the event, and how many had it."""
    _ = subject.say
    rate = ((check.detail or {}).get("performance") or {}).get("rate") or {}
    predicted, observed = figure(rate.get("predicted")), figure(rate.get("observed"))
    if predicted is None or observed is None:
        return _too_few(subject, check)
    sentence = _(
        "Of 100 scored cases whose outcome is known by now, {observed} had the event; {predicted} were "
        "expected."
    )
    return [
        Paragraph(
            _("What came true since"),
            sentence.format(
                observed=number(100 * observed, subject.language, 1),
                predicted=number(100 * predicted, subject.language, 1),
            ),
        )
    ]


def _too_few(subject: Subject, check: Check) -> list[Section]:
    """That outcomes have not arrived yet, where a check has looked for them."""
    _ = subject.say
    performance = (check.detail or {}).get("performance") or {}
    cases = figure(performance.get("cases"))
    if cases is None or performance.get("metrics"):
        return []
    sentence = _("The outcomes of {cases} cases are known so far: too few to measure how it performs.")
    return [Paragraph(_("What came true since"), sentence.format(cases=integer(cases, subject.language)))]


def _features(subject: Subject, check: Check) -> list[Section]:
    _, language = subject.say, subject.language
    entries = _entries(check)[:MOST]
    if not entries:
        return []
    columns = {
        _("Feature"): [subject.label(str(each.get("feature"))) for each in entries],
        _("Verdict"): [verdict_label(str(each.get("verdict", ABSENT)), _) for each in entries],
        _("Shift (PSI)"): [number(figure(each.get("psi")), language, 3) for each in entries],
        _("Effect size"): [number(figure(each.get("effect")), language, 2) for each in entries],
        _("Cases compared"): [integer(figure(each.get("rows")), language) for each in entries],
    }
    return [table("drift", _("What the model is fed, compared with its training"), columns)]
