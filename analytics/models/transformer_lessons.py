"""What the transformer is taught: the outcomes of cases, or to fill in what is hidden of them."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from analytics.models.transformer_inputs import Layout
from analytics.models.transformer_network import Batch, Network
from analytics.task import Kind

BLURRED = 0.02  # of what a case says is hidden while outcomes are learned, so that gaps are nothing new
MASKED = 0.2  # of what a case says is hidden in pre-training


class Outcomes(nn.Module):
    """The loss of a labelled batch: that of the label, and half the mean of those of the further outcomes."""

    def __init__(self, network: Network, kind: Kind) -> None:
        super().__init__()
        self.network, self.kind = network, kind

    def forward(self, batch: Batch, labels: Tensor, also: Tensor | None = None) -> Tensor:
        network = self.network
        seen = hidden_at_random(network.layout, batch, BLURRED) if self.training else batch
        summary = network.summary(seen, network.static_tokens(seen), network.event_tokens(seen))
        scores = network.scores(summary).float()
        if self.kind == "multiclass":
            loss = functional.cross_entropy(scores, labels.long())
        elif self.kind == "binary":
            loss = functional.binary_cross_entropy_with_logits(scores[:, 0], labels)
        else:
            loss = functional.mse_loss(scores[:, 0] / network.spread, labels / network.spread)
        if also is None or network.others is None or not self.training:
            return loss
        known = ~also.isnan()
        others = functional.binary_cross_entropy_with_logits(
            network.others(summary).float(), also.nan_to_num(), weight=known.float(), reduction="sum"
        )
        return loss + 0.5 * others / known.sum().clamp_min(1)


class FillIn(nn.Module):
    """The loss of filling in what was hidden, and of telling true stories from shuffled ones.

    Types and values of hidden events, ranks of hidden numbers and hidden categories are to be filled in; the
    readout token is to tell whether what happened to a case has been dealt out anew over its moments, so it
    learns what usually comes after what, and how soon.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        width = network.layout.width
        self.network = network
        self.value = nn.Linear(width, 1)
        self.rank = nn.Linear(width, 1)
        self.code = nn.Linear(width, width)
        self.kind = nn.Linear(width, width)
        self.story = nn.Linear(width, 1)

    def forward(self, true: Batch) -> Tensor:
        network, layout = self.network, self.network.layout
        shuffled = (torch.rand(len(true.kinds), device=true.kinds.device) < 0.5) & (true.present.sum(1) > 1)
        batch = with_shuffled(true, shuffled)
        seen = hidden_at_random(layout, batch, MASKED, mark=True)
        hidden = network.hidden(seen, network.static_tokens(seen), network.event_tokens(seen))
        codes_at, events_at = 1 + len(layout.numbers), 1 + layout.statics
        numbers, codes = hidden[:, 1:codes_at], hidden[:, codes_at:events_at]
        losses = [hidden.sum() * 0.0]
        asked = seen.numbers.isnan() & ~batch.numbers.isnan()
        if asked.any():
            rank = network.numbers.steps(batch.numbers).mean(-1)[asked]
            losses.append(4 * functional.mse_loss(self.rank(numbers[asked])[:, 0].float(), rank))
        asked = seen.categories != batch.categories
        if asked.any():
            wanted = (batch.categories + network.starts)[asked]
            losses.append(_chosen(self.code(codes[asked]), network.codes.weight, wanted))
        asked = (seen.kinds == layout.types) & batch.present & ~shuffled[:, None]
        if layout.types and asked.any():
            events = hidden[:, events_at:]
            losses.append(
                _chosen(self.kind(events[asked]), network.events.kinds.weight[:-1], batch.kinds[asked])
            )
            told = self.story(hidden[:, 0])[:, 0].float()
            losses.append(functional.binary_cross_entropy_with_logits(told, shuffled.float()))
            asked = asked & ~batch.values.isnan()
            if asked.any():
                found = self.value(events[asked])[:, 0].float()
                losses.append(0.5 * functional.smooth_l1_loss(found, batch.values[asked]))
        return torch.stack(losses).sum()


def _chosen(states: Tensor, table: Tensor, wanted: Tensor) -> Tensor:
    """Cross-entropy of finding the rows `wanted` of an embedding table."""
    chances = states.float() @ table.T.float() / math.sqrt(table.shape[1])
    return functional.cross_entropy(chances, wanted)


def with_shuffled(batch: Batch, which: Tensor) -> Batch:
    """The batch in which the events of the cases `which` (B,) have changed their moments among themselves."""
    longest = batch.kinds.shape[1]
    place = torch.arange(longest, device=which.device).expand(len(which), longest)
    drawn = torch.rand(batch.kinds.shape, device=which.device) + (~batch.present).float()  # padding last
    order = torch.where(which[:, None], drawn.argsort(1), place)
    moved = (each.gather(1, order) for each in (batch.kinds, batch.values, batch.texts))
    return batch._replace(**dict(zip(("kinds", "values", "texts"), moved, strict=True)))


def hidden_at_random(layout: Layout, batch: Batch, share: float, mark: bool = False) -> Batch:
    """The batch with a share of features and events hidden.

    Hidden numbers and values are missing; hidden categories missing or unseen; the type of a hidden event is
    unknown, with `mark` the code that only pre-training uses, and then its words are hidden too.
    """

    def drawn(like: Tensor) -> Tensor:
        return torch.rand(like.shape, device=like.device) < share

    sizes = torch.tensor(layout.sizes, dtype=torch.int64, device=batch.categories.device)
    other = sizes + (torch.rand(batch.categories.shape, device=sizes.device) < 0.5)
    hide = drawn(batch.kinds)
    hidden = batch._replace(
        numbers=batch.numbers.masked_fill(drawn(batch.numbers), math.nan),
        categories=torch.where(drawn(batch.categories), sizes + 1 if mark else other, batch.categories),
        kinds=batch.kinds.masked_fill(hide, layout.types if mark else 0),
        values=batch.values.masked_fill(hide if mark else drawn(batch.values), math.nan),
    )
    return hidden._replace(texts=batch.texts.masked_fill(hide, 0)) if mark else hidden
