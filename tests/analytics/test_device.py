"""Which processor is used, and what is said where the one that was asked for is not there."""

import os
import subprocess
import sys

import numpy as np
import pytest

from analytics import device
from analytics.device import effort_of, lightgbm_refuses
from analytics.evaluation import auroc
from analytics.matrix import CodeBook, CodedColumn
from analytics.models import boosting
from analytics.models.learner import Effort, Inputs, Problem
from connectors.errors import AssistantError
from pipelines.settings import Settings

NO_CUDA = not device._cuda_driver()
without_cuda = pytest.mark.skipif(not NO_CUDA, reason="a CUDA driver is installed here")


def given(home: Settings, **values: str) -> Settings:
    return home.model_copy(update=values)


@without_cuda
def test_auto_is_the_cpu_where_there_is_no_gpu_and_says_so(home: Settings) -> None:
    told: list[str] = []
    effort = effort_of(home, 5.0, told.append)
    assert (effort.device, effort.lightgbm_device, effort.seconds) == ("cpu", "cpu", 5.0)
    assert told == ["transformers run on the CPU (no CUDA device is found)"]


def test_nothing_is_said_where_the_cpu_was_asked_for(home: Settings) -> None:
    told: list[str] = []
    assert effort_of(given(home, device="cpu"), None, told.append).device == "cpu"
    assert told == []


@without_cuda
def test_a_gpu_that_is_demanded_and_absent_is_an_error(home: Settings) -> None:
    with pytest.raises(AssistantError, match="SDA_DEVICE=cuda, but no CUDA device"):
        effort_of(given(home, device="cuda"), None, None)


@without_cuda
def test_lightgbm_on_cuda_is_an_error_where_it_cannot_be(home: Settings) -> None:
    with pytest.raises(AssistantError, match="SDA_LIGHTGBM_DEVICE=cuda, but LightGBM refuses") as told:
        effort_of(given(home, lightgbm_device="cuda"), None, None)
    assert "\n" not in told.value.problem


def test_without_opencl_lightgbm_falls_back_to_the_cpu_and_torch_stays_away() -> None:
    program = (
        "import sys; from analytics.device import effort_of; from pipelines.settings import load_settings\n"
        "effort = effort_of(load_settings(), None, print)\n"
        "print(effort.lightgbm_device, 'torch' in sys.modules)"
    )
    environment = {
        **os.environ,
        "SDA_DEVICE": "cpu",
        "SDA_LIGHTGBM_DEVICE": "gpu",
        "OCL_ICD_VENDORS": "/nonexistent",  # where the OpenCL loader looks for drivers
    }
    found = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    note, used = found.stdout.splitlines()[-2:]
    assert note.startswith("SDA_LIGHTGBM_DEVICE=gpu cannot be had (")
    assert note.endswith("LightGBM runs on the CPU")
    assert used == "cpu False"


@pytest.mark.gpu
def test_lightgbm_through_opencl_ranks_as_on_the_cpu(request: pytest.FixtureRequest) -> None:
    """On any OpenCL device, Debian's pocl-opencl-icd for one; compiling its programs takes half a minute."""
    if "gpu" not in request.config.option.markexpr:
        pytest.skip("outside the default tests: run with -m gpu")
    if why := lightgbm_refuses("gpu"):
        pytest.skip(f"no OpenCL device: {why}")
    random = np.random.default_rng(0)
    matrix = random.normal(size=(3_000, 5)).astype(np.float32)
    labels = (random.random(3_000) < 1 / (1 + np.exp(-2 * matrix[:, 0]))).astype(float)
    book = CodeBook(tuple(CodedColumn(f"x{place}", "number") for place in range(5)))
    problem = Problem("binary", 2, Inputs(matrix), labels, book)
    folds = np.where(np.arange(3_000) < 1_000, 0, -1)
    scores = [boosting.fit(problem, folds, Effort(lightgbm_device=where)).margins for where in ("cpu", "gpu")]
    cpu, gpu = (auroc(labels[:1_000], each) for each in scores)
    assert gpu == pytest.approx(cpu, abs=0.01)
