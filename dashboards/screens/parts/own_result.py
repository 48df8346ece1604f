"""What came of a person's own task: how good it is in words, its scores, and the file to take away."""

from typing import Any

import streamlit as st

from analytics.training import TrainingResult
from dashboards import numbers
from dashboards.queries import predictions
from dashboards.reports.sheets import csv_bytes
from dashboards.screens.domain import DomainPage, listing_of
from dashboards.screens.here import Here
from dashboards.screens.parts.headline import Headline, show_headlines
from dashboards.screens.parts.listing import show_list
from dashboards.screens.parts.overview import show_charts
from pipelines.access import entities_for_person
from pipelines.catalog import contracts


def show_result(here: Here, page: DomainPage, result: TrainingResult) -> None:
    """Metrics in words, charts, the ranked list, and the download."""
    _ = here.say
    task = here.tasks[page.task]
    moments = here.ask(predictions.days, task)
    if not moments:
        return
    st.markdown(_verdict(here, task.kind, result.metrics["test"]))
    show_headlines(_figures(here, task.kind, result))
    show_charts(here, task, moments[0], None)
    show_list(here, task, moments[0], listing_of(here, page))
    scores = here.ask(predictions.scores, task, moments[0]).drop("snapshot_id", "as_of")
    contract = contracts(here.settings).get(task.table)
    seen = entities_for_person(scores, here.role, contract, task.flat.entity if task.flat else "")
    st.download_button(
        _("Download all predictions (CSV)"),
        csv_bytes(seen),
        file_name=f"{page.name}.csv",
        mime="text/csv",
        icon=":material/download:",
    )
    st.page_link(here.pages[page.name], label=_("This prediction has a page of its own now"), icon=page.icon)


def _verdict(here: Here, kind: str, metrics: dict[str, Any]) -> str:
    """How far to trust it, for somebody who never heard of AUROC."""
    _ = here.say
    if kind == "binary" and "auroc" in metrics:
        auroc = metrics["auroc"]
        sentence = _(
            "Of two rows it has not seen, one with and one without the event, it ranks the right one higher "
            "**{share} of the time** (50% is guessing)."
        ).format(share=numbers.percent(auroc, here.language, 0))
        return f"{sentence} {_grade(here, auroc)}"
    if kind == "multiclass" and "accuracy" in metrics:
        share = numbers.percent(metrics["accuracy"], here.language, 0)
        return _("It names the right class for **{share}** of the rows it has not seen.").format(share=share)
    if kind == "regression" and "mae" in metrics:
        error, part = (
            numbers.number(metrics["mae"], here.language),
            numbers.percent(metrics["r2"], here.language, 0),
        )
        return _(
            "On rows it has not seen it is **{error}** off on average, explaining {part} of the differences."
        ).format(error=error, part=part)
    return ""


def _grade(here: Here, auroc: float) -> str:
    _ = here.say
    if auroc < 0.6:
        return _("That is little better than guessing: these columns say little about the outcome.")
    if auroc < 0.75:
        return _("That is of some use, for ordering a list rather than for deciding one case.")
    if auroc < 0.95:
        return _("That is good.")
    return _("That is very good; check that no column gives the outcome away.")


def _figures(here: Here, kind: str, result: TrainingResult) -> list[Headline]:
    _ = here.say
    metrics = result.metrics["test"]
    parts = ("train", "test") if result.rows["cross_fitted"] else ("train", "calibration", "test")
    rows = sum(int(result.rows[part]) for part in parts)
    shown = {
        "binary": (
            ("auroc", "AUROC", _("1 is perfect, 0.5 is guessing.")),
            ("brier", "Brier", _("Mean squared error of the probabilities; 0 is perfect.")),
            ("ece", "ECE", _("How far predicted and observed shares lie apart; 0 is perfect.")),
        ),
        "multiclass": (
            ("accuracy", _("Accuracy"), _("Share of rows whose class is named right.")),
            ("macro_f1", "F1", _("Mean over the classes; 1 is perfect.")),
            ("log_loss", "Log loss", _("0 is perfect.")),
        ),
        "regression": (
            ("mae", "MAE", _("Mean absolute error.")),
            ("rmse", "RMSE", _("Root of the mean squared error.")),
            ("r2", "R²", _("Share of the differences explained; 1 is perfect.")),
        ),
    }[kind]
    figures = [Headline(_("Rows used"), numbers.integer(rows, here.language))]
    figures += [
        Headline(label, numbers.number(metrics[name], here.language, 3), words)
        for name, label, words in shown
        if name in metrics
    ]
    return figures
