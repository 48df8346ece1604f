"""What moved a transformer's score: integrated gradients (Sundararajan et al. 2017) over whole tokens.

The path leads in a straight line from neutral tokens, the means of the training cases, to the tokens of the
case: every static feature from its own mean, every event from the mean event (its place in time kept).
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from analytics.models.learner import Array, Contributions, Inputs
from analytics.models.transformer_inputs import batches
from analytics.models.transformer_network import Batch, Network
from analytics.models.transformer_training import tensors

POINTS = 24  # of the quadrature along the path
AT_ONCE = 64  # cases


def contributions(networks: Sequence[Network], inputs: Inputs, several: bool) -> Contributions:
    """The mean over the networks; `several`: one contribution per class.

    What the quadrature misses of the score (a few hundredths) is spread over all in proportion to their
    size, so that base and contributions sum to it.
    """
    rows, outputs = len(inputs), networks[0].layout.outputs
    happened = 0 if inputs.events is None else len(inputs.events.kinds)
    columns = np.zeros((rows, outputs, inputs.matrix.shape[1]))
    events, base = np.zeros((happened, outputs)), np.zeros((rows, outputs))
    for network in networks:
        places = list(network.layout.places)
        for chosen, arrays in batches(network.layout, inputs, AT_ONCE):
            own, of_events, start = _attributed(network, tensors(arrays))
            columns[chosen[:, None], :, places] += own.transpose(0, 2, 1)
            base[chosen] += start
            if inputs.events is not None and arrays.present.any():
                place = inputs.events.offsets[chosen][:, None] + np.arange(arrays.present.shape[1])
                events[place[arrays.present]] += of_events.transpose(0, 2, 1)[arrays.present]
    columns, events, base = columns / len(networks), events / len(networks), base / len(networks)
    if not several:
        columns, events, base = columns[:, 0], events[:, 0], base[:, 0]
    return Contributions(columns, base, events if inputs.events is not None else None)


def _attributed(network: Network, batch: Batch) -> tuple[Array, Array, Array]:
    """Contributions of statics (B, outputs, S) and events (B, outputs, E), and the base (B, outputs)."""
    with torch.no_grad():
        statics, events = network.static_tokens(batch), network.event_tokens(batch)
        score = network.scores(network.summary(batch, statics, events)).numpy().astype(float)
    count = statics.shape[1]
    tokens = statics if events is None else torch.cat([statics, events], dim=1)
    neutral = torch.cat(
        [network.neutral[:count], network.neutral[count:].expand(tokens.shape[1] - count, -1)]
    )

    def scored(share: float) -> tuple[torch.Tensor, torch.Tensor]:
        moved = (neutral + share * (tokens - neutral)).requires_grad_()
        happened = None if events is None else moved[:, count:]
        return network.scores(network.summary(batch, moved[:, :count], happened)), moved

    found = np.zeros((len(score), score.shape[1], tokens.shape[1]))
    points, weights = np.polynomial.legendre.leggauss(POINTS)
    for point, weight in zip((points + 1) / 2, weights / 2, strict=True):
        reached, moved = scored(float(point))
        for output in range(score.shape[1]):
            [slope] = torch.autograd.grad(reached[:, output].sum(), moved, retain_graph=True)
            found[:, output] += weight * (slope * (tokens - neutral)).sum(-1).numpy()
    with torch.no_grad():
        base = scored(0.0)[0].numpy().astype(float)
    complete = _complete(found, score - base)
    return complete[..., :count], complete[..., count:], base


def _complete(found: NDArray[np.float64], total: Array) -> Array:
    """The contributions, last axis, so that they sum to `total`: what is missing is shared out by size."""
    sizes = np.abs(found) + 1e-12
    missing = total - found.sum(axis=-1)
    complete: Array = found + missing[..., None] * sizes / sizes.sum(axis=-1, keepdims=True)
    return complete
