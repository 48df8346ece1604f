"""The measures of a model by kind of task, and the one sentence that says how far to trust it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.task import Kind
from dashboards.models.subject import Subject, figure
from dashboards.numbers import integer, number, percent, shown
from dashboards.reports.report import Headline, Headlines
from dashboards.wording import Say, say, together


@dataclass(frozen=True)
class Measure:
    """A figure of the test cases: its key, its name, and what its ends mean."""

    name: str
    label: str
    words: str


def measures(kind: Kind, _: Say) -> tuple[Measure, ...]:
    """The measures shown for a kind of task, the most telling first."""
    of_kind: dict[Kind, tuple[Measure, ...]] = {
        "binary": (
            Measure("auroc", "AUROC", _("1 is perfect, 0.5 is guessing.")),
            Measure("brier", "Brier", _("Mean squared error of the probabilities; 0 is perfect.")),
            Measure("ece", "ECE", _("How far predicted and observed shares lie apart; 0 is perfect.")),
        ),
        "multiclass": (
            Measure("accuracy", _("Accuracy"), _("Share of rows whose class is named right.")),
            Measure("macro_f1", "F1", _("Mean over the classes; 1 is perfect.")),
            Measure("log_loss", "Log loss", _("0 is perfect.")),
        ),
        "regression": (
            Measure("mae", "MAE", _("Mean absolute error.")),
            Measure("rmse", "RMSE", _("Root of the mean squared error.")),
            Measure("r2", "R²", _("Share of the differences explained; 1 is perfect.")),
        ),
    }
    return of_kind[kind]


def warning(metrics: Mapping[str, Any] | None, language: str) -> str:
    """What to know before taking the scores by their numbers; "" where they may be taken so."""
    if not (metrics or {}).get("only_ranks"):
        return ""
    _ = say(language)
    return _(
        "Go by the order of the cases, not by the numbers: the event has become more or less frequent than "
        "when the model learned, and on the latest cases its probabilities were off."
    )


def in_a_sentence(kind: Kind, metrics: Mapping[str, Any], language: str, unit: str = "") -> str:
    """How far to trust the model, for somebody who never heard of AUROC; "" where that is not known.

    Of values the error is told in their `unit`.
    """
    _ = say(language)
    auroc, accuracy, mae = (figure(metrics.get(name)) for name in ("auroc", "accuracy", "mae"))
    if kind == "binary" and auroc is not None:
        sentence = _(
            "Of two cases it has not seen, one with and one without the event, it ranks the right one higher "
            "{share} of the time (50% is guessing)."
        ).format(share=percent(auroc, language, 0))
        return together((sentence, _grade(auroc, _)), language)
    if kind == "multiclass" and accuracy is not None:
        return _("It names the right class for {share} of the cases it has not seen.").format(
            share=percent(accuracy, language, 0)
        )
    if kind == "regression" and mae is not None:
        return _(
            "On cases it has not seen it is {error} off on average, explaining {part} of the differences."
        ).format(
            error=shown(mae, "number", language, unit), part=percent(figure(metrics.get("r2")), language, 0)
        )
    return ""


def _grade(auroc: float, _: Say) -> str:
    if auroc < 0.6:
        return _("That is little better than guessing: these columns say little about the outcome.")
    if auroc < 0.75:
        return _("That is of some use, for ordering a list rather than for deciding one case.")
    if auroc < 0.95:
        return _("That is good.")
    return _("That is very good; check that no column gives the outcome away.")


def headlines(subject: Subject) -> Headlines:
    """The measures on the test cases, each with its interval, and how many cases that were."""
    _ = subject.say
    tested = subject.part("test")
    found = [
        Headline(each.label, number(figure(tested[each.name]), subject.language, 3), _reach(subject, each))
        for each in measures(subject.task.kind, _)
        if each.name in tested
    ]
    rows = (subject.version.rows or {}).get("test")
    return Headlines((*found, Headline(_("Cases tested on"), integer(rows, subject.language))))


def _reach(subject: Subject, measure: Measure) -> str:
    """The interval of a measure in words, "" where none is known."""
    _ = subject.say
    bounds = subject.part("intervals").get(measure.name)
    if not bounds:
        return ""
    low, high = (number(figure(bound), subject.language, 3) for bound in bounds)
    return _("{low} to {high}").format(low=low, high=high)
