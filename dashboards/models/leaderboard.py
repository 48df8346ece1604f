"""Which candidates were tried, how they compare, and the rule by which one was chosen."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboards.charts.chart import Axis, Chart, Reference
from dashboards.models.measures import measures
from dashboards.models.subject import Subject, figure, table, three
from dashboards.numbers import ABSENT, integer, number
from dashboards.reports.report import Paragraph, Section
from dashboards.wording import Say, together


def sections(subject: Subject) -> list[Section]:
    """The rule, the candidates beside the chosen one as a chart, and all their figures as a table."""
    candidates = subject.rows("leaderboard")
    if not candidates:
        return []
    _ = subject.say
    return [
        Paragraph(_("How the model was chosen"), rule(subject)),
        *_comparison(subject, candidates),
        _figures(subject, candidates),
    ]


def family(name: str, _: Say) -> str:
    """A kind of model as one calls it."""
    words = {
        "linear": _("Linear model"),
        "boosting": _("Boosted trees"),
        "transformer": _("Transformer"),
        "blend": _("Blend of the others"),
    }
    return words.get(name, name)


def rule(subject: Subject) -> str:
    """The rule of the choice, what it was judged on, and what came after, a sentence each."""
    _ = subject.say
    choice = subject.part("choice")
    sentence = _(
        "Every candidate is judged on cases it has not learned from; the one with the smallest error serves, "
        "but a simpler one is kept unless it is worse by more than one standard error."
    )
    if not choice:
        return sentence
    rows = figure(choice.get("rows"))
    judged = _("Judged {how}, on {rows} cases.").format(
        how=_validation(str(choice.get("validation", "")), _),
        rows=ABSENT if rows is None else integer(rows, subject.language),
    )
    after = _("The chosen one then learns once more from all cases, so its final figures differ a little.")
    return together((sentence, judged, after), subject.language)


def _validation(way: str, _: Say) -> str:
    """How the candidates were judged: `forward in time`, `5 folds` or `3 x 5 folds`."""
    if way.startswith("forward in time"):
        return _("forward in time (learned on earlier cases, judged on later ones)")
    found = re.fullmatch(r"(?:(\d+) x )?(\d+) folds.*", way)
    if not found:
        return way
    repeats, folds = found.groups()
    if repeats:
        return _("on {folds} parts in turn, {repeats} times over").format(folds=folds, repeats=repeats)
    return _("on {folds} parts in turn").format(folds=folds)


def _comparison(subject: Subject, candidates: Sequence[Mapping[str, Any]]) -> list[Section]:
    """Each candidate's distance from the chosen one with its interval; or its own error."""
    _ = subject.say
    by_distance = any(three(each.get("behind_interval"))[0] is not None for each in candidates)
    value, bounds = ("behind", "behind_interval") if by_distance else ("loss", "loss_interval")
    chosen, other = _("chosen"), _("other candidate")
    rows = []
    for each in candidates:
        middle = figure(each.get(value))
        low, high, _rest = three(each.get(bounds))
        if middle is not None:
            rows.append(
                {
                    "name": family(str(each.get("name")), _),
                    "value": middle,
                    "low": middle if low is None else low,
                    "high": middle if high is None else high,
                    "state": chosen if each.get("chosen") else other,
                }
            )
    if len(rows) < 2:
        return []
    title = _("Error above that of the chosen model") if by_distance else _("Error")
    return [
        Chart(
            name="leaderboard",
            kind="interval",
            title=_("The candidates side by side"),
            sentence=_(
                "Right of the line is worse than the chosen model; where a bar crosses the line, the "
                "difference may be chance."
            )
            if by_distance
            else _("Further left is better; where bars overlap, the difference may be chance."),
            data=pl.DataFrame(rows),
            x=Axis("name", _("Candidate"), "text"),
            y=Axis("value", title, "number"),
            lower="low",
            upper="high",
            group="state",
            reference=Reference(0.0, "") if by_distance else None,
            tones={chosen: "alert", other: "plain"},
        )
    ]


def _figures(subject: Subject, candidates: Sequence[Mapping[str, Any]]) -> Section:
    _ = subject.say
    tested = [
        each
        for each in measures(subject.task.kind, _)
        if any(each.name in (c.get("test") or {}) for c in candidates)
    ][:2]
    columns: dict[str, list[str]] = {
        _("Candidate"): [_marked(each, _) for each in candidates],
        _("Error in the choice"): [
            subject.with_interval([each.get("loss"), *(each.get("loss_interval") or ())])
            for each in candidates
        ],
        _("Above the chosen one"): [
            ABSENT
            if each.get("chosen")
            else subject.with_interval([each.get("behind"), *(each.get("behind_interval") or ())])
            for each in candidates
        ],
    }
    for measure in tested:
        columns[_("{measure} on the test cases").format(measure=measure.label)] = [
            subject.with_interval(
                [
                    (each.get("test") or {}).get(measure.name),
                    *((each.get("test_intervals") or {}).get(measure.name) or ()),
                ]
            )
            for each in candidates
        ]
    columns[_("Seconds")] = [number(figure(each.get("seconds")), subject.language, 0) for each in candidates]
    if any(each.get("note") for each in candidates):
        columns[_("Note")] = [_note(str(each.get("note") or ""), _) for each in candidates]
    return table("candidates", _("All candidates"), columns)


def _note(note: str, _: Say) -> str:
    """A note of the ladder in words; an error stands as it is."""
    if note.startswith("weights: "):
        weights = [each.split() for each in note.removeprefix("weights: ").split(", ")]
        told = ", ".join(f"{family(each[0], _)} {each[-1]}" for each in weights)
        return _("weights: {weights}").format(weights=told)
    if note.startswith("not tried: no events, and fewer than"):
        return _("not tried: no events, and too few rows")
    words = {
        "not tried: no time was left": _("not tried: no time was left"),
        "not tried: no seconds were given": _("not tried: no time was given"),
        "not tried: too few seconds": _("not tried: too little time"),
        "not made: no member says more than chance": _("not made: none of the others says more than chance"),
    }
    return words.get(note, note)


def _marked(candidate: Mapping[str, Any], _: Say) -> str:
    name = family(str(candidate.get("name")), _)
    return " · ".join(("★ " + name, _("chosen"))) if candidate.get("chosen") else name
