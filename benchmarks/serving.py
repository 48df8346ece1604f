"""The served transformer (ONNX, float32 and int8) against eager PyTorch on the CPU.

One network learns the planted sequences of the tests; then all score the same cases in turn, at every batch
size, cases of like length together; medians are given. `apart` is the largest difference of raw scores.
Memory is the peak of a fresh process without torch that scores so many cases in parts.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from analytics.events import EventBatch
from analytics.models import served
from analytics.models.learner import Effort, Inputs
from analytics.models.served import Served
from analytics.models.transformer_inputs import Layout

SIZES = (1, 16, 32, 128, 512)


def measured(given: argparse.Namespace) -> dict[str, Any]:
    """Trains, exports, and scores by torch and by onnxruntime."""
    import torch

    from analytics.models import transformer
    from analytics.models import transformer_training as training
    from analytics.models.transformer import Transformer
    from tests.analytics.planted_sequences import planted_problem

    torch.set_num_threads(given.threads)
    problem, _ = planted_problem(given.train_rows, mean_events=given.events)
    folds = np.where(np.arange(given.train_rows) % 4 == 0, 0, -1)
    fitted = transformer.fit(problem, folds, Effort(given.threads, given.seconds)).scorer
    if not isinstance(fitted, Transformer) or fitted.held_out is None:
        sys.exit("The fit gave no transformer with held-out cases.")
    [network], layout = fitted.networks, fitted.layout
    facts = served.served([network], layout, fitted.held_out, given.threads).facts
    exact = Served(served.exported([network], layout), layout, given.threads)
    small = Served(tuple(served.quantised(content) for content in exact.models), layout, given.threads)
    cases = planted_problem(given.rows, seed=1, mean_events=given.events)[0].inputs
    wanted = training.scores(network, cases)[:, 0]
    by_size = {}
    own = served.AT_ONCE, training.SCORED_AT_ONCE
    for size in SIZES:
        served.AT_ONCE = training.SCORED_AT_ONCE = size
        some = cases.rows(np.arange(min(len(cases), 64 * size)))
        by_size[str(size)] = in_turn(
            len(some),
            given.repeats,
            {
                "torch": partial(training.scores, network, some),
                "onnx_float32": partial(exact.margins, some),
                "onnx_int8": partial(small.margins, some),
            },
        )
    served.AT_ONCE, training.SCORED_AT_ONCE = own
    best = {name: max(entry[name] for entry in by_size.values()) for name in by_size[str(own[0])]}
    return {
        "train_rows": given.train_rows,
        "rows": given.rows,
        "mean_events": round(float(cases.events.lengths.mean()), 1) if cases.events else 0,
        "threads": given.threads,
        "layout": layout.as_json(),
        "facts": facts,
        "apart": {
            "onnx_float32": float(np.abs(exact.margins(cases) - wanted).max()),
            "onnx_int8": float(np.abs(small.margins(cases) - wanted).max()),
        },
        "cases_per_second_by_batch_size": by_size,
        "times_as_fast_as_torch": {
            "same_batch_size": {size: ratios(entry) for size, entry in by_size.items()},
            "each_at_its_best": ratios(best),
            "each_as_the_product_runs_it": ratios(
                {**by_size[str(own[0])], "torch": by_size[str(own[1])]["torch"]}
            ),
        },
        "peak_megabytes": peaks(exact, layout, given),
        "goal": {"times_as_fast_at_least": 2.0, "auroc_lost_at_most": served.MOST_LOST},
    }


def in_turn(cases: int, repeats: int, runs: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Cases a second of each, by the median of runs that take turns; the first is not counted."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(repeats + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if turn:
                times[name].append(time.perf_counter() - start)
    return {name: round(cases / statistics.median(values), 1) for name, values in times.items()}


def ratios(speeds: dict[str, float]) -> dict[str, float]:
    return {name: round(speed / speeds["torch"], 2) for name, speed in speeds.items() if name != "torch"}


def peaks(exact: Served, layout: Layout, given: argparse.Namespace) -> dict[str, float]:
    """Peak memory of scoring so many cases, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        content = exact.save(Path(folder)) | {"layout": layout.as_json()}
        Path(folder, "content.json").write_text(json.dumps(content))
        command = [sys.executable, __file__, "--events", str(given.events), "--peak-of", folder, "--rows"]
        return {
            str(rows): float(subprocess.run([*command, str(rows)], stdout=-1, check=True).stdout)
            for rows in (given.rows, 10 * given.rows)
        }


def peak(folder: Path, rows: int, events: int) -> float:
    """Scores made-up cases in parts of 1,000; the peak of this process in megabytes."""
    content = json.loads(Path(folder, "content.json").read_text())
    layout = Layout.from_json(content.pop("layout"))
    scorer = Served.load(folder, content, layout, 1)
    random = np.random.default_rng(0)
    for _ in range(rows // 1_000):
        offsets = np.concatenate([[0], np.cumsum(random.poisson(events, 1_000))])
        values, ages, gaps = (random.exponential(10, offsets[-1]).astype(np.float32) for _ in range(3))
        kinds = random.integers(0, layout.types, offsets[-1])
        happened = EventBatch(offsets, kinds, values, ages, gaps, np.full(offsets[-1], -1))
        scorer.margins(Inputs(np.zeros((1_000, layout.statics), np.float32), happened))
    # Of this program alone; what `resource` reports begins with the peak of the one that started it.
    [line] = [text for text in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in text]
    return int(line.split()[1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train-rows", type=int, default=4_000)
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--events", type=int, default=30, help="Mean events of a case.")
    parser.add_argument("--seconds", type=float, default=60.0, help="To train in.")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peak-of", type=Path, default=None, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peak_of:
        print(peak(given.peak_of, given.rows, given.events))
    else:
        print(json.dumps(measured(given), indent=2))


if __name__ == "__main__":
    main()
