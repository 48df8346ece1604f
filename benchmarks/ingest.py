"""Ingest of a CSV with contract and quarantine, beside a bare DuckDB load of the same file.

    python benchmarks/ingest.py [--rows 5000000] [--rounds 5] [--memory-rows 20000000]

The contract casts every column, checks one range and one unique key; the row count is checked as always.
Each load is the first into a fresh home, in a process of its own, in turn with the reference
(`CREATE TABLE AS SELECT * FROM read_csv` into a file). Prints JSON: rows/s of both, their ratio (median of
the rounds), peak memory of the ingesting process. On both sides libraries are imported and the database is
open before the clock starts: ours has loaded another table, of one row.
"""

import argparse
import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CONTRACT = """
table = "bench.payments"
key = ["id"]
[[columns]]
name = "id"
type = "integer"
[[columns]]
name = "amount"
type = "number"
minimum = 0
maximum = 1000
[[columns]]
name = "day"
type = "date"
[[columns]]
name = "kind"
type = "text"
[[columns]]
name = "branch"
type = "integer"
[[columns]]
name = "ratio"
type = "number"
"""
CONFIG = """
[sources.payments]
connector = "files"
domain = "bench"
table = "payments"
[sources.payments.options]
path = {path}

[sources.greeting]
connector = "files"
domain = "bench"
table = "greeting"
[sources.greeting.options]
path = "greeting.csv"
"""


def write_csv(path: Path, rows: int) -> None:
    """Payments with a share of 1 in 100,000 out of range and 1 in 250,000 with a repeated key."""
    import duckdb

    duckdb.sql(
        f"""COPY (
            SELECT CASE WHEN i % 250000 = 249999 THEN i - 1 ELSE i END AS id,
                   CASE WHEN i % 100000 = 99999 THEN -1 ELSE round((hash(i) % 100000) / 100, 2) END AS amount,
                   DATE '2020-01-01' + (i % 1500)::INT AS day,
                   'kind' || (hash(i + 1) % 7) AS kind,
                   hash(i + 2) % 1000 AS branch,
                   (hash(i + 3) % 1000000) / 1000000 AS ratio
            FROM range({rows}) t(i)
        ) TO '{path}' (HEADER)"""
    )


def bare(path: Path, folder: Path) -> dict[str, float]:
    import duckdb

    connection = duckdb.connect(str(folder / "bare.duckdb"))
    began = time.perf_counter()
    connection.execute(f"CREATE TABLE payments AS SELECT * FROM read_csv('{path}')")
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "rows": connection.sql("SELECT count(*) FROM payments").fetchone()[0]}


def ours(path: Path, folder: Path) -> dict[str, float]:
    import os

    os.environ["SDA_HOME"] = str(folder / "home")
    (folder / "contracts").mkdir()
    (folder / "contracts" / "bench.payments.toml").write_text(CONTRACT)
    config = folder / "assistant.toml"
    config.write_text(CONFIG.format(path=json.dumps(str(path))))
    (folder / "greeting.csv").write_text("word\nhello\n")
    from pipelines.ingest import ingest
    from pipelines.settings import load_settings

    settings = load_settings(config)
    ingest(settings, ["greeting"])
    began = time.perf_counter()
    (result,) = ingest(settings, ["payments"])
    seconds = time.perf_counter() - began
    if result.error or result.rows_in != result.rows_clean + result.rows_quarantined:
        raise SystemExit(f"the load failed: {result}")
    return {
        "seconds": seconds,
        "rows": result.rows_in,
        "quarantined": result.rows_quarantined,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def alone(measure: Callable[[Path, Path], dict[str, float]], path: Path) -> dict[str, float]:
    """Runs `measure` in a process and a folder of its own."""
    spawning = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(dir=path.parent) as folder, spawning.Pool(1) as pool:
        return pool.apply(measure, (path, Path(folder)))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=5_000_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--memory-rows", type=int, default=20_000_000, help="0 leaves the large load out")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "payments.csv"
        write_csv(path, chosen.rows)
        rounds = [(alone(bare, path), alone(ours, path)) for _ in range(chosen.rounds)]
        ratios = [reference["seconds"] / own["seconds"] for reference, own in rounds]
        report = {
            "rows": chosen.rows,
            "bare_rows_per_s": round(chosen.rows / statistics.median(r["seconds"] for r, _ in rounds)),
            "ingest_rows_per_s": round(chosen.rows / statistics.median(o["seconds"] for _, o in rounds)),
            "ratio": round(statistics.median(ratios), 3),
            "ratios": [round(ratio, 3) for ratio in ratios],
            "quarantined": rounds[0][1]["quarantined"],
            "peak_mib": round(max(o["peak_mib"] for _, o in rounds)),
        }
        if chosen.memory_rows:
            write_csv(path, chosen.memory_rows)
            large = alone(ours, path)
            report["large"] = {
                "rows": chosen.memory_rows,
                "peak_mib": round(large["peak_mib"]),
                "seconds": round(large["seconds"], 1),
            }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
