"""The transformer family: what a case is and what happened to it, in order, as one sequence.

One network per part of a cross-fit; the mean of their raw scores is the score. Where there are events, a
network first learns to fill in hidden events and features of all the learning cases, without outcomes, then
the outcomes of its part. `transformer_network` is the network, `transformer_training` how it learns. Torch is
imported only where it must be.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analytics.models import served
from analytics.models.learner import (
    Array,
    Contributions,
    Effort,
    Fitted,
    Inputs,
    Part,
    Problem,
    Rows,
    out_of_fold,
    parts,
)
from analytics.models.transformer_inputs import Layout, layout_of
from analytics.task import Kind

if TYPE_CHECKING:
    from analytics.models.transformer_network import Network
    from analytics.models.transformer_training import Clock, Plan

NAME = "transformer"
PRE_TRAINED = 0.3  # the share of the seconds for pre-training
FEWEST_TO_PRE_TRAIN = 500  # cases
UPDATED = 0.25  # the share of the epochs and of the learning rate that an update takes

Weights = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Transformer:
    """One or more networks of one layout, by their weights; the mean of their raw scores is the score."""

    kind: Kind
    layout: Layout
    weights: tuple[Weights, ...]
    threads: int = 1
    device: str = "cpu"
    held_out: served.HeldOut | None = None  # of a fitted one, until it is saved
    serving: served.Served | None = None  # of a loaded one

    @property
    def family(self) -> str:
        return NAME

    @property
    def reads_events(self) -> bool:
        return True

    @cached_property
    def networks(self) -> tuple["Network", ...]:
        """The networks, in evaluation mode."""
        from analytics.models.transformer_training import network_of

        return tuple(network_of(self.layout, each) for each in self.weights)

    def margins(self, inputs: Inputs) -> Array:
        """Raw scores, shape (rows,), for several classes (rows, classes); of a loaded model without torch."""
        if self.serving is not None:
            return self.serving.margins(inputs)
        from analytics.models import transformer_training as training

        with training.threads(self.threads):
            found = np.mean(
                [training.scores(network, inputs, self.device) for network in self.networks], axis=0
            )
        scores: Array = found if self.kind == "multiclass" else found[:, 0]
        return scores

    def contributions(self, inputs: Inputs) -> Contributions:
        """Integrated gradients of columns and events; see `transformer_reasons`."""
        from analytics.models import transformer_reasons as reasons
        from analytics.models import transformer_training as training

        with training.threads(self.threads):
            return reasons.contributions(self.networks, inputs, self.margins(inputs))

    def save(self, folder: Path) -> dict[str, Any]:
        """Writes the weights of each network as safetensors, and beside them what serves (see `served`)."""
        from safetensors.numpy import save_file

        serving = self.serving
        if serving is None:
            if self.held_out is None:
                raise ValueError("without held-out cases nobody knows what serving may lose")
            serving = served.served(self.networks, self.layout, self.held_out, self.threads)
        for number, weights in enumerate(self.weights):
            save_file(weights, folder / f"{NAME}_{number}.safetensors")
        return {
            "family": NAME,
            "kind": self.kind,
            "models": len(self.weights),
            "layout": self.layout.as_json(),
            "serving": serving.save(folder),
        }


def load(folder: Path, content: Mapping[str, Any], threads: int) -> Transformer:
    """The networks that `Transformer.save` wrote."""
    from safetensors.numpy import load_file

    paths = [folder / f"{NAME}_{number}.safetensors" for number in range(content["models"])]
    weights = tuple(load_file(path) for path in paths)
    layout = Layout.from_json(content["layout"])
    serving = served.Served.load(folder, content["serving"], layout, threads)
    return Transformer(content["kind"], layout, weights, threads, serving=serving)


def pretrain(
    problem: Problem, effort: Effort, inputs: Inputs | None = None, layout: Layout | None = None
) -> Weights:
    """Weights that know what cases look like: learned from `inputs` (by default those of `problem`) without
    outcomes, within `effort.seconds`. Hand them to `fit` as `start`."""
    from analytics.models import transformer_training as training

    given = problem.inputs if inputs is None else inputs
    network = training.fresh(layout or layout_of(problem), given, problem.seed)
    clock = training.Clock(effort.seconds)
    return training.weights_of(training.pretrained(network, given, effort, clock, problem.seed))


def fit(
    problem: Problem,
    folds: NDArray[np.int64],
    effort: Effort,
    start: Weights | None = None,
    layout: Layout | None = None,
) -> Fitted:
    """Fits one network per part of `folds`; it ends within the seconds allowed, with the best weights so far.

    Networks begin with the weights `start`; without, and where there are events, with those of `pretrain`.
    """
    from analytics.models import transformer_training as training

    clock, shares = training.Clock(effort.seconds), parts(folds)
    limited = effort.seconds is not None and effort.device == "cpu"
    shape = layout or layout_of(problem, (1 - PRE_TRAINED) * clock.left / len(shares) if limited else None)
    if start is None and shape.types and len(problem.inputs) >= FEWEST_TO_PRE_TRAIN:
        share = None if effort.seconds is None else PRE_TRAINED * effort.seconds
        effort.tell("pre-training on the events of all cases")
        start = pretrain(problem, replace(effort, seconds=share), layout=shape)

    def beginning(_: Part) -> "Network":
        return training.beginning(shape, problem, start)

    return _taught(problem, shares, beginning, effort, clock)


def update(scorer: Transformer, problem: Problem, folds: NDArray[np.int64], effort: Effort) -> Fitted:
    """Goes on from the weights of `scorer` with the rows of `problem`, gently and in a fraction of the time.

    Held-out scores are honest only for rows that `scorer` itself has not learned from.
    """
    from analytics.models import transformer_training as training

    def beginning(part: Part) -> "Network":
        return training.network_of(scorer.layout, scorer.weights[part.number % len(scorer.weights)])

    shares = parts(folds)
    usual = training.plan_for(len(shares[0].learn))
    gentle = replace(usual, epochs=max(round(usual.epochs * UPDATED), 1), rate=usual.rate * UPDATED)
    return _taught(problem, shares, beginning, effort, training.Clock(effort.seconds), gentle)


def _taught(
    problem: Problem,
    shares: list[Part],
    beginning: Callable[[Part], "Network"],
    effort: Effort,
    clock: "Clock",
    plan: "Plan | None" = None,
) -> Fitted:
    """A network per part, each with its share of the seconds left.

    Of several parts none is stopped on the rows it is judged on, so that held-out scores are honest.
    """
    from analytics.models import transformer_training as training

    weights: list[Weights] = []
    judged: list[tuple[Rows, Array]] = []
    for part in shares:
        own = training.Clock(clock.left / (len(shares) - part.number))
        # Of several folds, the moment to stop comes from other rows than those a network is judged on.
        lesson = part.inside() if len(shares) > 1 else part
        network = training.taught(beginning(part), problem, lesson, effort, own, plan)
        scorer = Transformer(problem.kind, network.layout, (training.weights_of(network),), effort.threads)
        judged.append((part.check, scorer.margins(problem.inputs.rows(part.check))))
        weights.extend(scorer.weights)
        effort.tell(f"model {part.number + 1} of {len(shares)}: {own.gone:.0f} s")
    held_out = served.HeldOut(problem.kind, problem.inputs, problem.labels, [part.check for part in shares])
    fitted = Transformer(
        problem.kind, network.layout, tuple(weights), effort.threads, effort.device, held_out
    )
    return Fitted(fitted, *out_of_fold(len(problem.inputs), iter(judged)))
