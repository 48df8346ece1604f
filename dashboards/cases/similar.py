"""Similar past cases in words: how many of them had the event, and what each of them became."""

from collections.abc import Set as AbstractSet

import numpy as np
import polars as pl

from analytics.cases import Cases, numbered_labels
from analytics.evaluation import wilson
from analytics.task import Task
from dashboards import numbers
from dashboards.cases.spoken import named, outcome_words, score_text, told
from dashboards.figures import band_label
from dashboards.headings import free
from dashboards.wording import say, with_commas

FEATURES_SHOWN = 3


def what_became(task: Task, found: pl.DataFrame, pool: Cases, language: str) -> str:
    """One sentence on the outcomes of the nearest cases (`analytics.neighbours`), with an interval."""
    _ = say(language)
    count = numbers.integer(found.height, language)
    if task.kind == "multiclass":
        shares = found["label"].cast(pl.String).value_counts(sort=True, name="cases")
        several = with_commas(
            (
                f"{band_label(task, str(name), language)} {numbers.integer(cases, language)}"
                for name, cases in shares.iter_rows()
            ),
            language,
        )
        return _("What the {count} most similar past cases became: {classes}.").format(
            count=count, classes=several
        )
    labels = numbered_labels(task.kind, found["label"], task.classes)
    whole = numbered_labels(task.kind, pool.labels, task.classes) if pool.labels is not None else labels
    if task.kind == "regression":
        low, middle, high = np.quantile(labels, [0.1, 0.5, 0.9]).tolist()
        words = _(
            "Half of the {count} most similar past cases came to {middle} or more, eight in ten to between "
            "{low} and {high}; half of all past cases looked through came to {all} or more."
        )
        texts = {"low": low, "middle": middle, "high": high, "all": float(np.median(whole))}
        return words.format(count=count, **{k: score_text(task, v, language) for k, v in texts.items()})
    happened, rate = int(labels.sum()), float(labels.mean())
    low, high = wilson(rate, len(labels))
    words = _(
        "Of the {count} most similar past cases {happened} had the event ({rate}; so few of them say that "
        "anything from {low} to {high} is plausible). Of all past cases looked through {all} had it."
    )
    texts = {"rate": rate, "low": low, "high": high, "all": float(whole.mean())}
    return words.format(
        count=count,
        happened=numbers.integer(happened, language),
        **{name: numbers.percent(value, language, 0) for name, value in texts.items()},
    )


def neighbours_in_words(
    task: Task,
    found: pl.DataFrame,
    pool: Cases,
    features: list[str],
    hidden: AbstractSet[str],
    language: str,
) -> pl.DataFrame:
    """A row for each neighbour: when, what became of it, how alike it is, and what the model goes by most."""
    _ = say(language)
    rows = pool.features[found["place"]]
    columns = {
        _("As of"): [numbers.day(each, language) for each in found["as_of"]],
        _("Outcome"): [outcome_words(task, each, language) for each in found["label"]],
        _("Likeness"): [numbers.percent(1 - each, language, 0) for each in found["distance"]],
    }
    for name in features[:FEATURES_SHOWN]:
        columns[free(named(task, name, language), columns)] = [
            told(task, name, value, hidden, language) for value in rows[name].to_list()
        ]
    return pl.DataFrame(columns)
