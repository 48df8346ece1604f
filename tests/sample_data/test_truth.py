"""The generator's claim: labels are drawn from the probabilities it writes down."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from tests.sample_data.lake import TASKS, lake, population, sample

COMMITTED = Path(__file__).parents[2] / "sample_data"


CHANCES = [name for name, task in TASKS.items() if task.kind == "binary"]


def settled(name: str) -> pl.DataFrame:
    task = TASKS[name]
    cases = population(lake(task.domain), task)
    return cases.join(sample(task.domain).truths[name], on=["entity_id", "as_of"], how="left")


@pytest.mark.parametrize("name", CHANCES)
def test_every_case_has_a_true_probability(name: str) -> None:
    cases = settled(name)
    assert cases.select("entity_id", "as_of").is_unique().all()
    assert cases["probability"].null_count() == 0
    assert cases["probability"].is_between(0, 1, closed="none").all()


@pytest.mark.parametrize("name", CHANCES)
def test_labels_follow_the_probabilities_in_every_tenth(name: str) -> None:
    cases = settled(name).sort("probability")
    for tenth in np.array_split(np.arange(len(cases)), 10):
        part = cases[tenth]
        truth = part["probability"].cast(pl.Float64).to_numpy()
        error = np.sqrt((truth * (1 - truth)).sum()) / len(part)
        assert abs(part["label"].mean() - truth.mean()) < 4 * error


@pytest.mark.parametrize(
    ("name", "rate", "auroc"),
    [
        ("finance.credit_default", (0.08, 0.15), (0.78, 0.85)),
        ("medical.disease_onset", (0.06, 0.10), (0.76, 0.86)),
        ("logistics.late_delivery", (0.08, 0.16), (0.70, 0.85)),
        ("logistics.vehicle_breakdown", (0.15, 0.25), (0.78, 0.85)),
    ],
)
def test_the_outcome_is_as_rare_and_as_predictable_as_in_life(
    name: str, rate: tuple[float, float], auroc: tuple[float, float]
) -> None:
    cases = settled(name)
    assert rate[0] < cases["label"].mean() < rate[1]
    assert auroc[0] < roc_auc_score(cases["label"], cases["probability"]) < auroc[1]


def test_the_bank_has_five_thousand_cases_in_its_latest_fifth() -> None:
    assert len(settled("finance.credit_default")) >= 25_000


@pytest.mark.parametrize("name", TASKS)
def test_the_committed_truth_is_the_one_the_generator_makes(name: str) -> None:
    committed = pl.read_parquet(COMMITTED / "truth" / f"{name}.parquet")
    made = sample(TASKS[name].domain).truths[name]
    assert committed["entity_id"].to_list() == made["entity_id"].to_list()
    assert committed["as_of"].to_list() == made["as_of"].to_list()
    for column in made.columns[2:]:
        exact = 6e-5 if column == "probability" else 0.06
        assert np.allclose(committed[column], made[column], atol=exact)


def test_stops_are_reached_as_the_truth_of_their_trip_says() -> None:
    """As of leaving: nine in ten within the true quantiles, at the start of a trip as at its end."""
    cases = settled("logistics.stop_arrival").drop_nulls("mean")
    assert len(cases) > 15_000
    # Arrivals are written down to the minute they fall into.
    within = cases["label"].is_between(cases["lower"] - 1, cases["upper"])
    position = cases["entity_id"].str.split("/").list.last().cast(pl.Int64)
    for stops in ((1, 1), (2, 4), (5, 9), (10, 20)):
        assert 0.85 < within.filter(position.is_between(*stops)).mean() < 0.95  # type: ignore[operator]
    late = cases["label"] - cases["mean"]
    assert abs(late.mean() + 0.5) < 1  # type: ignore[arg-type, operator]
    assert late.abs().mean() < 0.6 * cases["label"].abs().mean()  # type: ignore[operator]


def test_articles_are_asked_for_as_their_true_means_say() -> None:
    tables, truth = sample("logistics").tables, sample("logistics").truths["logistics.demand"]
    committed = pl.read_parquet(COMMITTED / "truth" / "logistics.demand.parquet")
    assert np.allclose(committed["mean"], truth["mean"], atol=0.06)
    keys = ["sku", "depot_id"]
    last = pl.col("day") > tables["demand"]["day"].max() - pl.duration(days=28)
    sold = tables["demand"].filter(last).group_by(keys).agg(sold=pl.sum("quantity") / 28)
    both = truth.group_by(keys).agg(pl.mean("mean")).join(sold, on=keys, how="left").fill_null(0)
    assert np.corrcoef(both["mean"], both["sold"])[0, 1] > 0.95
    never = truth.filter(pl.col("mean").max().over("sku") == 0)["sku"].unique()
    assert never.is_in(tables["articles"]["sku"].implode()).all()
    assert tables["demand"].filter(pl.col("sku").is_in(never.implode()))["quantity"].sum() >= 0
    assert (tables["demand"]["quantity"] < 0).any()


def test_the_stops_to_plan_can_be_served_but_for_a_handful() -> None:
    tables = sample("logistics").tables
    stops, fleet = tables["stops"], tables["fleet"]
    skills = {skill for owned in fleet["skills"].drop_nulls() for skill in owned.split("|")}
    heavy = stops.filter(pl.col("kg") > fleet["capacity_kg"].max())
    equipped = pl.col("skills").str.split("|").list.set_difference(list(skills)).list.len() > 0
    assert heavy.height == stops["depot_id"].n_unique() == 2
    assert stops.filter(equipped)["skills"].to_list() == ["crane"]
    assert stops["stop_id"].is_unique().all()
    assert (
        stops.filter(pl.col("picked_up_at").is_not_null())["picked_up_at"]
        .is_in(stops["stop_id"].implode())
        .all()
    )
    assert stops["prize"].drop_nulls().min() == 2
    per_stop = tables["stop_windows"].group_by("stop_id").len()["len"]
    assert per_stop.max() == 2
    load = (
        stops.group_by("depot_id")
        .agg(pl.sum("kg"))
        .join(fleet.group_by("depot_id").agg(pl.sum("capacity_kg")), on="depot_id")
    )
    assert (load["kg"] - 2_400 < load["capacity_kg"]).all()


def test_the_committed_files_stay_small() -> None:
    files = [path for path in COMMITTED.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 8_000_000


def test_arrears_lead_to_the_defaults_and_end_with_them() -> None:
    tables = sample("finance").tables
    behind = tables["arrears"].join(tables["loans"], on="loan_id", how="left", validate="m:1")
    failed = tables["arrears"].join(tables["defaults"], on="loan_id")
    ahead = (failed["defaulted_on"] - failed["month_end"]).dt.total_days()
    assert (behind["decision"] == "approved").all()
    assert (behind["month_end"] > behind["decided_on"]).all()
    assert (ahead > 0).all()
    usual = failed.filter(ahead + failed["days_past_due"] == 90)
    assert 0.6 < usual.height / failed.height < 0.9  # the others: declared late, or at the first instalment
    sound = tables["arrears"].join(tables["defaults"], on="loan_id", how="anti")
    assert sound["days_past_due"].max() < 90  # type: ignore[operator]


def test_prices_move_most_in_the_crisis_and_large_moves_follow_large_moves() -> None:
    prices = sample("finance").tables["prices"].sort("instrument", "day")
    moves = prices.with_columns(move=pl.col("close").log().diff().over("instrument")).drop_nulls("move")
    shares = moves.filter(pl.col("instrument") == "EQ-EUROPE")
    crisis = pl.col("day").is_between(pl.date(2025, 3, 3), pl.date(2025, 4, 25))
    assert shares.filter(crisis)["move"].std() > 2 * shares.filter(~crisis)["move"].std()  # type: ignore[operator]
    size = shares["move"].abs().to_numpy()
    assert np.corrcoef(size[1:], size[:-1])[0, 1] > 0.1
    assert prices.group_by("instrument").agg(pl.min("day"))["day"].max() > prices["day"].min()  # type: ignore[operator]
