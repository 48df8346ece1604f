"""Which processor does the work: a GPU where there is one or where it is demanded, else the CPU."""

import ctypes
import sys
from typing import Any

import numpy as np

from analytics.models.learner import Device, Effort, Progress
from connectors.errors import AssistantError
from pipelines.settings import Settings


def effort_of(settings: Settings, seconds: float | None, progress: Progress | None) -> Effort:
    """What a training may use by the settings; told in a line where more than the CPU was asked for.

    Raises AssistantError where CUDA is demanded and absent.
    """
    tell = progress or (lambda _: None)
    device, trees = device_of(settings), settings.lightgbm_device
    if settings.device != "cpu":
        tell(f"transformers run on {_name_of(device)}")
    why_not = None if trees == "cpu" else lightgbm_refuses(trees)
    if why_not and trees == "cuda":
        raise AssistantError(
            f"SDA_LIGHTGBM_DEVICE=cuda, but LightGBM refuses: {why_not}",
            "Build LightGBM with USE_CUDA=1, or set SDA_LIGHTGBM_DEVICE to gpu (OpenCL) or cpu.",
        )
    if why_not:
        tell(f"SDA_LIGHTGBM_DEVICE=gpu cannot be had ({why_not}): LightGBM runs on the CPU")
        trees = "cpu"
    elif trees != "cpu":
        tell(f"LightGBM runs on the GPU ({trees})")
    return Effort(settings.threads, seconds, progress, device, trees)


def device_of(settings: Settings) -> Device:
    """`SDA_DEVICE` made certain: `auto` is cuda where there is one. Torch is imported only to find one.

    Raises AssistantError where cuda is demanded and there is none.
    """
    if settings.device == "cpu" or (settings.device == "auto" and not _cuda_driver()):
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if settings.device == "cuda":
        raise AssistantError(
            "SDA_DEVICE=cuda, but no CUDA device is found here.",
            "Install the driver and a torch built for it, or set SDA_DEVICE=auto.",
        )
    return "cpu"


def lightgbm_refuses(device: str) -> str | None:
    """Why LightGBM cannot compute on `gpu` (OpenCL) or `cuda`, found out by a tiny fit; None where it can.

    The first fit on an OpenCL device compiles its programs, which takes some seconds.
    """
    import lightgbm as lgb

    values = np.arange(40.0)[:, None]
    tiny: dict[str, Any] = {
        "objective": "binary",
        "device_type": device,
        "num_leaves": 2,
        "min_data_in_leaf": 1,
        "num_threads": 1,
        "verbosity": -1,
    }
    try:
        lgb.train(tiny, lgb.Dataset(values, (values[:, 0] > 19).astype(float)), 1)
    except lgb.basic.LightGBMError as error:
        return str(error).partition("\n")[0]
    return None


def _cuda_driver() -> bool:
    """Whether NVIDIA's driver is installed: much quicker than asking torch."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


def _name_of(device: Device) -> str:
    if device == "cpu":
        return "the CPU (no CUDA device is found)"
    import torch

    return f"the GPU ({torch.cuda.get_device_name()})"
