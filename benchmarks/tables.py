"""The labelled tables of `predictions.py`, each with the folds on which everybody is judged."""

import atexit
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.model_selection import RepeatedStratifiedKFold

from analytics.cases import Cases
from analytics.catalog import task_named
from analytics.dataset import settled_cases
from analytics.splits import split
from analytics.task import Flat, Task
from benchmarks.shared import ROOT, Array, data_file, table_cases, table_task
from pipelines.ingest import ingest
from pipelines.settings import Settings, load_settings

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]
DELIVERIES = ROOT / "examples" / "deliveries" / "olist_deliveries.sql"
TRUTH = ROOT / "sample_data" / "truth"


@dataclass(frozen=True)
class Table:
    """Cases with 0/1 outcomes and the (learning, test) rows of each fold.

    `truth` (rows,) is the true probability where the data were made, NaN or None where nobody knows it.
    """

    task: Task
    cases: Cases
    labels: Array
    folds: list[Fold]
    judged_on: str
    seconds: float  # of a fit, unless told otherwise
    truth: Array | None = None


def credit_cards(folds: int, repeats: int) -> Table:
    """Credit card clients (UCI), 30,000 rows."""
    path = data_file("finance", "uci_taiwan_default", "UCI_Credit_Card.csv.gz")
    rows = pl.read_csv(path, infer_schema_length=None)
    return _stratified(table_task("credit_cards", "class"), rows, folds, repeats, seconds=30)


def heart(folds: int, repeats: int) -> Table:
    """Heart disease in Cleveland (UCI), 303 rows; above 0 is ill."""
    path = data_file("medical", "uci_heart_disease", "processed.cleveland.data")
    return _headless("heart", path, folds, repeats)


def diabetes(folds: int, repeats: int) -> Table:
    """Diabetes of the Pima (UCI), 768 rows."""
    path = data_file("medical", "pima_diabetes", "pima-indians-diabetes.csv")
    return _headless("diabetes", path, folds, repeats)


def deliveries(folds: int, _repeats: int) -> Table:
    """Late e-commerce deliveries (Olist): the future from the past.

    The test rows of a fold follow its learning rows in time, and an order is only learned from if it had
    arrived by then.
    """
    known = _deliveries()
    task = table_task("deliveries", "late", flat=Flat("late", entity="order_id", time="purchased_at"))
    cases, labels = table_cases(task, known.drop("arrived_at"))
    bought, arrived = known["purchased_at"].to_numpy(), known["arrived_at"].to_numpy()
    blocks = np.array_split(np.arange(len(cases)), folds + 1)
    forward = [(np.flatnonzero(arrived < bought[block[0]]), block) for block in blocks[1:]]
    return Table(task, cases, labels, forward, f"{folds} folds forward in time", 10)


def deliveries_shuffled(folds: int, repeats: int) -> Table:
    """The same orders without their time, in folds by chance, as such tables are mostly compared."""
    rows = _deliveries().drop("arrived_at", "purchased_at", "order_id")
    return _stratified(table_task("deliveries", "late"), rows, folds, repeats, seconds=10)


def sample(name: str) -> Callable[[int, int], Table]:
    """A task of `sample_data/`: what `sda train` holds out, beside the true probability."""

    def table(_folds: int, _repeats: int) -> Table:
        settings = _sample_home()
        task = task_named(name, settings)
        cases = settled_cases(settings, task)
        assert cases.labels is not None
        labels = cases.labels.cast(pl.Float64).to_numpy()
        parts = split(cases.keys, labels, task.meaning.horizon_days)
        truth = pl.read_parquet(TRUTH / f"{name}.parquet").with_columns(
            pl.col("entity_id").cast(pl.String), pl.col("as_of").cast(pl.Datetime("us"))
        )
        joined = cases.keys.join(truth, on=["entity_id", "as_of"], how="left", maintain_order="left")
        true = joined["probability"].to_numpy()
        test = parts.test[~np.isnan(true[parts.test])]
        return Table(task, cases, labels, [(parts.learning, test)], "the latest fifth", 30, true)

    return table


TABLES: dict[str, Callable[[int, int], Table]] = {
    "credit_cards": credit_cards,
    "heart": heart,
    "diabetes": diabetes,
    "deliveries": deliveries,
    "deliveries_shuffled": deliveries_shuffled,
    **{path.stem: sample(path.stem) for path in sorted(TRUTH.glob("*.parquet"))},
}


def _deliveries() -> pl.DataFrame:
    """Orders as the worked example joins them (what is known when one is paid), the earliest first."""
    folder = data_file("logistics", "olist_orders_sample")
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA logistics")
        for name in ("orders", "order_items", "customers", "sellers", "products", "geolocation"):
            file = str(folder / f"olist_{name}_dataset.csv.gz").replace("'", "''")
            connection.execute(f"CREATE VIEW logistics.olist_{name} AS FROM read_csv('{file}')")
        orders = "SELECT order_id, order_delivered_customer_date AS arrived_at FROM logistics.olist_orders"
        return connection.execute(
            f"SELECT * FROM ({DELIVERIES.read_text(encoding='utf-8')}) JOIN ({orders}) USING (order_id)"
            " ORDER BY purchased_at, order_id"
        ).pl()


def _headless(name: str, path: Path, folds: int, repeats: int) -> Table:
    """A table of numbers without a header, whose last column is the outcome."""
    rows = pl.read_csv(path, has_header=False, null_values=["?"]).cast(pl.Float64)
    target = rows.columns[-1]
    rows = rows.with_columns((pl.col(target) > 0).cast(pl.Int64))
    return _stratified(table_task(name, target), rows, folds, repeats, seconds=10)


def _stratified(task: Task, rows: pl.DataFrame, folds: int, repeats: int, seconds: float) -> Table:
    cases, labels = table_cases(task, rows)
    dealt = RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=0)
    rows_of = list(dealt.split(labels, labels))
    return Table(task, cases, labels, rows_of, f"{repeats} x {folds} stratified folds", seconds)


@cache
def _sample_home() -> Settings:
    """A home with the sample data loaded, made once; gone with the process."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    os.environ["SDA_HOME"] = folder.name
    settings = load_settings(ROOT / "sample_data" / "assistant.toml")
    ingest(settings)
    return settings
