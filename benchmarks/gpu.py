"""CPU against GPU for LightGBM (OpenCL or CUDA) and for the transformer: as accurate within noise, how fast.

Where a device is missing, that part says so in plain words instead of figures. The first fit on an OpenCL
device, which compiles its programs, is told apart. An OpenCL device that is a CPU (Debian's
pocl-opencl-icd) shows that the path works, not what a GPU is worth.
"""

import argparse
import json
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import polars as pl

from analytics.device import lightgbm_refuses
from analytics.evaluation import auroc
from analytics.matrix import learn_code_book
from analytics.models.learner import Inputs, Problem
from benchmarks.training import table


def trees(rows: int, threads: int, rounds: int) -> dict[str, Any]:
    """The same LightGBM on the CPU and on each device that is there: AUROC of new rows, rows a second."""
    import lightgbm as lgb

    from analytics.models.boosting import parameters

    learn, test = table(rows), table(rows // 2, 1)
    book = learn_code_book(learn.drop("late"))
    matrix, new = book.encode(learn.drop("late")), book.encode(test.drop("late"))
    labels, truths = (frame["late"].cast(pl.Float64).to_numpy() for frame in (learn, test))
    found: dict[str, Any] = {"rows": rows, "columns": matrix.shape[1], "rounds": rounds, "threads": threads}
    for device in ("cpu", "gpu", "cuda"):
        start = time.perf_counter()
        why = None if device == "cpu" else lightgbm_refuses(device)
        if why:
            found[device] = f"skipped: {why}"
            continue
        first = time.perf_counter() - start
        chosen = parameters("binary", rows, seed=1) | {"device_type": device, "num_threads": threads}
        start = time.perf_counter()
        data = lgb.Dataset(matrix, labels, categorical_feature=book.category_positions)
        model = lgb.train(chosen, data, rounds)
        seconds = time.perf_counter() - start
        found[device] = {
            "auroc": round(auroc(truths, np.asarray(model.predict(new))), 4),
            "seconds": round(seconds, 2),
            "rows_per_second": round(rows * rounds / seconds),
            "seconds_of_the_first_fit": round(first, 2),
        }
    return found


def transformers(cases: int, seconds: float, threads: int) -> dict[str, Any]:
    """The same transformer on the CPU and on CUDA: AUROC of new cases, events a second, memory, use."""
    import torch

    from analytics.models import transformer
    from analytics.models.learner import Effort
    from tests.analytics.planted_sequences import planted_problem

    torch.set_num_threads(threads)
    problem, _ = planted_problem(cases)
    new, truth = planted_problem(cases, seed=1)
    folds = np.where(np.arange(cases) % 4 == 0, 0, -1)
    found: dict[str, Any] = {"cases": cases, "seconds_allowed": seconds, "threads": threads}
    for device in ("cpu", "cuda"):
        if device == "cuda" and not torch.cuda.is_available():
            found[device] = "skipped: no CUDA device is found"
            continue
        with Watched(device) as watched:
            start = time.perf_counter()
            effort = Effort(threads, seconds, device="cuda" if device == "cuda" else "cpu")
            scorer = transformer.fit(problem, folds, effort).scorer
            trained = time.perf_counter() - start
            start = time.perf_counter()
            margins = scorer.margins(new.inputs)
            scored = time.perf_counter() - start
        found[device] = {
            "auroc": round(auroc(new.labels, margins), 4),
            "auroc_of_the_truth": round(auroc(new.labels, truth), 4),
            "seconds_to_train": round(trained, 1),
            "events_scored_per_second": round(events_of(new, scored)),
            **watched.figures(),
        }
    return found


def events_of(problem: Problem, seconds: float) -> float:
    inputs: Inputs = problem.inputs
    return 0.0 if inputs.events is None else float(inputs.events.lengths.sum()) / seconds


class Watched:
    """Peak memory and mean utilisation of the GPU while the block runs; nothing of the CPU."""

    def __init__(self, device: str) -> None:
        self.device = device
        self._used: list[float] = []
        self._over = threading.Event()

    def __enter__(self) -> Self:
        if self.device == "cuda":
            import torch

            torch.cuda.reset_peak_memory_stats()
            if shutil.which("nvidia-smi"):
                threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def _watch(self) -> None:
        asked = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
        while not self._over.wait(0.5):
            said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
            self._used += [float(said[0])] if said and said[0].isdigit() else []

    def figures(self) -> dict[str, Any]:
        if self.device != "cuda":
            return {}
        import torch

        used = round(float(np.mean(self._used)), 1) if self._used else "not told by nvidia-smi"
        peak = round(torch.cuda.max_memory_allocated() / 2**20)
        return {"gpu": torch.cuda.get_device_name(), "peak_megabytes": peak, "utilisation_percent": used}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--cases", type=int, default=4_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    answer = {
        "lightgbm": trees(given.rows, given.threads, given.rounds),
        "transformer": transformers(given.cases, given.seconds, given.threads),
    }
    print(json.dumps(answer, indent=2))


if __name__ == "__main__":
    main()
