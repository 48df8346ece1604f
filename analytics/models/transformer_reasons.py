"""What moved a transformer's score: integrated gradients (Sundararajan et al. 2017) over whole tokens.

The path leads in a straight line from neutral tokens, the means of the training cases, to the tokens of the
case: every static feature from its own mean, every event from the mean event (its place in time kept).
"""

from collections.abc import Sequence

import numpy as np
import torch

from analytics.models.learner import Array, Contributions, Inputs
from analytics.models.transformer_inputs import batches, events_read, places_of
from analytics.models.transformer_network import Batch, Network
from analytics.models.transformer_training import tensors

POINTS = 32  # of the quadrature along the path
AT_ONCE = 64  # cases


def contributions(networks: Sequence[Network], inputs: Inputs, margins: Array) -> Contributions:
    """The mean over the networks, which sum with the base to the raw scores `margins`.

    What the quadrature misses of a score (about a hundredth, and what int8 costs where that serves) is spread
    over all contributions of the case in proportion to their size.
    """
    outputs = networks[0].layout.outputs
    happened = events_read(networks[0].layout, inputs)
    place, present = places_of(networks[0].layout, happened)
    columns = np.zeros((len(inputs), outputs, inputs.matrix.shape[1]))
    events, base = np.zeros((len(happened.kinds), outputs)), np.zeros((len(inputs), outputs))
    for network in networks:
        places = list(network.layout.places)
        for chosen, arrays in batches(network.layout, inputs, AT_ONCE):
            own, of_events, start = _attributed(network, tensors(arrays))
            columns[chosen[:, None], :, places] += own.transpose(0, 2, 1) / len(networks)
            base[chosen] += start / len(networks)
            longest = arrays.present.shape[1]
            read = place[chosen, :longest][present[chosen, :longest]]
            events[read] += of_events.transpose(0, 2, 1)[arrays.present] / len(networks)
    case = np.repeat(np.arange(len(inputs)), happened.lengths)
    total, size = columns.sum(axis=2), np.abs(columns).sum(axis=2) + 1e-9
    np.add.at(total, case, events)
    np.add.at(size, case, np.abs(events))
    missing = (margins.reshape(len(inputs), outputs) - base - total) / size
    columns += np.abs(columns) * missing[..., None]
    events += np.abs(events) * missing[case]
    if margins.ndim == 1:
        columns, events, base = columns[:, 0], events[:, 0], base[:, 0]
    return Contributions(columns, base, None if inputs.events is None else events)


def _attributed(network: Network, batch: Batch) -> tuple[Array, Array, Array]:
    """Contributions of statics (B, outputs, S) and events (B, outputs, E), and the base (B, outputs)."""
    with torch.no_grad():
        statics, events = network.static_tokens(batch), network.event_tokens(batch)
    count = statics.shape[1]
    tokens = statics if events is None else torch.cat([statics, events], dim=1)
    neutral = torch.cat(
        [network.neutral[:count], network.neutral[count:].expand(tokens.shape[1] - count, -1)]
    )

    def scored(share: float) -> tuple[torch.Tensor, torch.Tensor]:
        moved = (neutral + share * (tokens - neutral)).requires_grad_()
        happened = None if events is None else moved[:, count:]
        return network.scores(network.summary(batch, moved[:, :count], happened)), moved

    found = np.zeros((len(tokens), network.layout.outputs, tokens.shape[1]))
    points, weights = np.polynomial.legendre.leggauss(POINTS)
    for point, weight in zip((points + 1) / 2, weights / 2, strict=True):
        reached, moved = scored(float(point))
        for output in range(network.layout.outputs):
            [slope] = torch.autograd.grad(reached[:, output].sum(), moved, retain_graph=True)
            found[:, output] += weight * (slope * (tokens - neutral)).sum(-1).numpy()
    with torch.no_grad():
        base = scored(0.0)[0].numpy().astype(float)
    return found[..., :count], found[..., count:], base
