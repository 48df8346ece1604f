"""The families of models by name, simplest first: the order in which ties are broken."""

import importlib
from pathlib import Path
from typing import Any

from analytics.models.learner import Scorer
from connectors.errors import AssistantError

FAMILIES = ("linear", "boosting", "transformer", "blend")


def module(family: str) -> Any:
    """The module of a family, imported when it is needed: some bring heavy libraries."""
    return importlib.import_module(f"analytics.models.{family}")


def load(folder: Path, content: dict[str, Any], threads: int) -> Scorer:
    """The scorer that `Scorer.save` wrote; `content` is what it returned, with `family` in it."""
    if content["family"] not in FAMILIES:
        raise AssistantError(
            f"The model {folder.name} is of a family this version does not know: {content['family']}.",
            "Update the assistant, or train anew.",
        )
    scorer: Scorer = module(content["family"]).load(folder, content, threads)
    return scorer
