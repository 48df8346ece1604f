"""The dashboard on a large bank: its queries, its first paint, and twenty people at once.

Writes `--rows` loans scored on two days and `--events` bookings straight into a lake in a temporary home (10
million and 100 million need about 12 GB of disk there, which is given back). Then, each part by name:

- `board`: making the table that a page asks; seconds, bytes.
- `queries`: at least `--varied` different questions of each kind, as the page asks them; milliseconds, median
  and 95th percentile; beside the same SQL in bare DuckDB over the same file, in turn (`times_bare` is the
  ratio of the medians), and of a page of the list without a board, over the Parquet files of the lake.
- `paint`: milliseconds until the figures of our page stand in a fresh browser, and the chart of a bare
  Streamlit page that has nothing else; medians, in turn.
- `sessions`: `--sessions` people, each filtering, sorting and turning pages with about ten seconds of thought
  between, while another process writes into the lake; milliseconds from click to settled. `--browsers` of
  them sit at a real Chromium on this machine, the others speak the server's protocol without drawing, as if
  their browsers were elsewhere: one that draws takes more of a processor than the server does.

Prints JSON.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from analytics.catalog import task_named
from benchmarks.dashboard_data import fill, model_in_service
from benchmarks.dashboard_queries import board_figures, query_figures
from pipelines.settings import Settings
from pipelines.store import Store
from pipelines.warehouse import Warehouse

TASK = "finance.credit_default"
BYTES_A_ROW, BYTES_AN_EVENT = 700, 60  # of disk, at most: files, a board, room to sort


def measured(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """All parts that are asked for."""
    settings = Settings(
        home=folder / "var", config=folder / "assistant.toml", threads=given.threads, memory=given.memory
    )
    settings.config.write_text("", encoding="utf-8")
    task = task_named(TASK, settings)
    began = time.perf_counter()
    Warehouse(settings).write(lambda connection: fill(connection, task, given.rows, given.events))
    with Store(settings).session() as session:
        session.add(model_in_service(task))
    lake = sum(path.stat().st_size for path in (settings.home / "lake").rglob("*") if path.is_file())
    told: dict[str, Any] = {
        "rows": given.rows,
        "events": given.events,
        "written_seconds": round(time.perf_counter() - began, 1),
        "lake_bytes": lake,
        "board": board_figures(settings, task),
    }
    if "queries" in given.parts:
        told["queries"] = query_figures(settings, task, given.varied)
    if "browser" in given.parts:
        from benchmarks.dashboard_browser import browser_figures

        told |= browser_figures(settings, given)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--events", type=int, default=100_000_000)
    parser.add_argument("--varied", type=int, default=40)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--browsers", type=int, default=2, help="of the sessions; the others do not draw")
    parser.add_argument("--seconds", type=float, default=120, help="of the sessions")
    parser.add_argument("--think", type=float, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="1GB", help="DuckDB's limit for one process")
    parser.add_argument("--parts", nargs="*", default=["queries", "browser"])
    given = parser.parse_args()
    needed = given.rows * BYTES_A_ROW + given.events * BYTES_AN_EVENT
    with tempfile.TemporaryDirectory(prefix="sda-dashboard-") as folder:
        if shutil.disk_usage(folder).free < needed:
            sys.exit(f"Needs {needed / 1e9:.0f} GB of disk in {folder}; set TMPDIR, or ask for fewer rows.")
        print(json.dumps(measured(given, Path(folder)), indent=2))


if __name__ == "__main__":
    main()
