"""Which processor does the work: a GPU where there is one or where it is demanded, else the CPU."""

from analytics.models.learner import Device, Effort, Progress
from connectors.errors import AssistantError
from pipelines.settings import Settings


def effort_of(settings: Settings, seconds: float | None, progress: Progress | None) -> Effort:
    """What a training may use by the settings; raises AssistantError where a GPU is demanded and absent."""
    return Effort(settings.threads, seconds, progress, device_of(settings), settings.lightgbm_device)


def device_of(settings: Settings) -> Device:
    """`SDA_DEVICE` made certain: `auto` is cuda where torch finds one.

    Raises AssistantError where cuda is demanded and there is none.
    """
    if settings.device == "cpu":
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
