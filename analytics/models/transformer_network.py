"""The transformer: static features and events of a case are tokens, one more token gathers the answer.

A static feature is one token without a position, so their order means nothing. An event is one token made of
its type, value, time and words; it is read together with the two events before it, and attends to all
others with rotary positions (Su et al. 2021), half of each head turning with the order of events, half
with days, so that both what came first and how long before can be read. Numbers enter by piecewise linear
encoding over quantiles (Gorishniy et al. 2022), so scale and outliers do not matter; blocks are pre-norm with
a gated linear unit. Plain tensors in, no branch on data: the network exports to ONNX as it stands.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from analytics.models.sentences import WIDTH as WORDS
from analytics.models.transformer_inputs import Layout

BINS = 16  # of a number's piecewise linear encoding
DAYS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 365.0, 1_500.0)  # time constants an age or a gap is read on
SHORTEST_DAYS, LONGEST_DAYS = 1.0, 8_192.0  # periods of the rotation by time
SHORTEST_STEPS, LONGEST_STEPS = 4.0, 512.0  # periods of the rotation by order
MOST_DAYS = 40_000.0  # an age beyond a human life is a mistake in the data
BEFORE = 2  # how many earlier events a token sees directly


class Batch(NamedTuple):
    """The tensors of a batch, as `transformer_inputs.Arrays` has them."""

    numbers: Tensor
    categories: Tensor
    kinds: Tensor
    values: Tensor
    ages: Tensor
    gaps: Tensor
    texts: Tensor
    present: Tensor
    sentences: Tensor


class Numbers(nn.Module):
    """Numbers (B, n), NaN where missing, as tokens (B, n, width)."""

    edges: Tensor

    def __init__(self, count: int, width: int) -> None:
        super().__init__()
        self.register_buffer("edges", torch.linspace(0, 1, BINS + 1).repeat(count, 1))
        self.weight = nn.Parameter(torch.randn(count, BINS, width) / math.sqrt(BINS))
        self.bias = nn.Parameter(torch.randn(count, width) * 0.5)
        self.missing = nn.Parameter(torch.randn(count, width) * 0.5)

    def steps(self, numbers: Tensor) -> Tensor:
        """The piecewise linear encoding, shape (B, n, BINS): bins below a number are 1, its own a share."""
        low, high = self.edges[:, :-1], self.edges[:, 1:]
        filled = torch.where(numbers.isnan(), torch.zeros_like(numbers), numbers)
        return ((filled[..., None] - low) / (high - low).clamp_min(1e-12)).clamp(0, 1)

    def forward(self, numbers: Tensor) -> Tensor:
        tokens = torch.einsum("bnk,nkd->bnd", self.steps(numbers) - 0.5, self.weight) + self.bias
        return torch.where(numbers.isnan()[..., None], self.missing, tokens)


class EventTokens(nn.Module):
    """Events (B, E) as tokens (B, E, width)."""

    days: Tensor

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        width = layout.width
        self.register_buffer("days", torch.tensor(DAYS), persistent=False)
        self.kinds = nn.Embedding(layout.types + 1, width)  # the last code hides an event in pre-training
        features = 3 + 2 * (len(DAYS) + 1)
        self.inner = nn.Linear(width + features, 2 * width)
        self.outer = nn.Linear(2 * width, width)
        self.words = nn.Linear(WORDS, width) if layout.reads_text else None

    def forward(self, batch: Batch) -> Tensor:
        kind = self.kinds(batch.kinds)
        none = batch.values.isnan()
        value = torch.where(none, torch.zeros_like(batch.values), batch.values)
        read = torch.stack([value, value.abs(), none.to(value.dtype)], dim=-1)
        features = torch.cat([kind, read, self._time(batch.ages), self._time(batch.gaps)], dim=-1)
        tokens: Tensor = kind + self.outer(functional.gelu(self.inner(features)))
        if self.words is not None:
            # Their vectors have length 1: as long as 384 standard scores they are heard beside the rest.
            said = self.words(batch.sentences * math.sqrt(WORDS))[batch.texts]
            tokens = tokens + said * (batch.texts > 0)[..., None].to(said.dtype)
        return tokens

    def _time(self, days: Tensor) -> Tensor:
        """Days on every scale at once: decays with each time constant and a logarithm."""
        size = days.abs()[..., None]
        return torch.cat(
            [torch.exp(-size / self.days), torch.log1p(size) * days[..., None].sign() / 4], dim=-1
        )


class Block(nn.Module):
    """Attention and a gated linear unit, both with a residual."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        width, self.heads, self.dropout = layout.width, layout.heads, layout.dropout
        self.before = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)
        self.after = nn.LayerNorm(width)
        self.gate = nn.Linear(width, 4 * width)
        self.down = nn.Linear(2 * width, width)

    def forward(self, tokens: Tensor, turn: tuple[Tensor, Tensor], bias: Tensor, asking: int) -> Tensor:
        """The first `asking` tokens, shape (B, asking, width), after attending to all."""
        normed = self.before(tokens)
        query = self._turned(self.query(normed[:, :asking]), turn[0][:, :, :asking], turn[1][:, :, :asking])
        key, value = self.key_value(normed).chunk(2, dim=-1)
        mixed = functional.scaled_dot_product_attention(
            query,
            self._turned(key, *turn),
            self._split(value),
            attn_mask=bias.to(query.dtype),
            dropout_p=self.dropout if self.training else 0.0,
        )
        kept = tokens[:, :asking] + self._drop(self.out(mixed.transpose(1, 2).flatten(2)))
        up, gate = self.gate(self.after(kept)).chunk(2, dim=-1)
        updated: Tensor = kept + self._drop(self.down(up * functional.silu(gate)))
        return updated

    def _split(self, flat: Tensor) -> Tensor:
        """(B, T, width) to (B, heads, T, width / heads)."""
        return flat.reshape(*flat.shape[:2], self.heads, -1).transpose(1, 2)

    def _turned(self, flat: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        first, second = self._split(flat).float().chunk(2, dim=-1)
        turned = torch.cat([first * cosine - second * sine, first * sine + second * cosine], dim=-1)
        return turned.to(flat.dtype)

    def _drop(self, tokens: Tensor) -> Tensor:
        return functional.dropout(tokens, self.dropout, self.training)


class Network(nn.Module):
    """`forward` gives the raw scores of the label, shape (B, outputs)."""

    starts: Tensor
    rates: Tensor
    neutral: Tensor
    centre: Tensor
    spread: Tensor

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        width = layout.width
        self.layout = layout
        self.numbers = Numbers(len(layout.numbers), width)
        starts = torch.tensor([0, *(size + 2 for size in layout.sizes)]).cumsum(0)
        self.register_buffer("starts", starts[:-1], persistent=False)
        self.codes = nn.Embedding(int(starts[-1]), width)
        self.code_bias = nn.Parameter(torch.randn(len(layout.sizes), width) * 0.5)
        if layout.types:
            self.events = EventTokens(layout)
            self.earlier = nn.Linear((1 + BEFORE) * width, 2 * width)
            self.pattern = nn.Linear(2 * width, width)
            self.gate = nn.Linear(width, width)
            self.evidence = nn.Linear(width, width)
        self.readout = nn.Parameter(torch.randn(width) * 0.5)
        self.blocks = nn.ModuleList(Block(layout) for _ in range(layout.layers))
        self.norm = nn.LayerNorm(width)
        self.label = nn.Linear(width, layout.outputs)
        self.others = nn.Linear(width, layout.others) if layout.others else None
        self.register_buffer("rates", _rates(layout), persistent=False)
        # The mean token of each static feature, and last of events: where contributions are counted from.
        self.register_buffer("neutral", torch.zeros(layout.statics + 1, width))
        self.register_buffer("centre", torch.zeros(()))  # of the values to predict; 0 and 1 for classes
        self.register_buffer("spread", torch.ones(()))

    def forward(self, *tensors: Tensor) -> Tensor:
        batch = Batch(*tensors)
        return self.scores(self.summary(batch, self.static_tokens(batch), self.event_tokens(batch)))

    def scores(self, summary: Tensor) -> Tensor:
        """The label's raw scores (B, outputs) of a summary (B, width)."""
        raw: Tensor = self.label(summary)
        return raw * self.spread + self.centre

    def static_tokens(self, batch: Batch) -> Tensor:
        """Tokens (B, statics, width) of static features: numbers, then categories."""
        codes = self.codes(batch.categories + self.starts) + self.code_bias
        return torch.cat([self.numbers(batch.numbers), codes], dim=1)

    def event_tokens(self, batch: Batch) -> Tensor | None:
        """Tokens (B, E, width) of events; None for a network that reads none."""
        if not self.layout.types:
            return None
        tokens: Tensor = self.events(batch)
        return tokens

    def summary(self, batch: Batch, statics: Tensor, events: Tensor | None) -> Tensor:
        """What the readout token has gathered, shape (B, width)."""
        return self.hidden(batch, statics, events, asking=1)[:, 0]

    def hidden(
        self, batch: Batch, statics: Tensor, events: Tensor | None, asking: int | None = None
    ) -> Tensor:
        """Normed last states of the first `asking` tokens: readout, statics, events."""
        tokens = torch.cat([self.readout.expand(statics.shape[0], 1, -1), statics], dim=1)
        always = torch.zeros_like(tokens[..., 0])  # no position, no age, always attended to
        if events is None:
            times = order = bias = always
        else:
            there = batch.present.to(events.dtype)
            tokens = torch.cat([tokens, self._with_earlier(events * there[..., None])], dim=1)
            times = torch.cat([always, batch.ages.clamp(-MOST_DAYS, MOST_DAYS)], dim=1)
            back = (there.sum(1, keepdim=True) - there.cumsum(1) + 1) * there  # 1 for the newest event
            order = torch.cat([always, back], dim=1)
            padding = torch.zeros_like(there).masked_fill(~batch.present, -math.inf)
            bias = torch.cat([always, padding], dim=1)
        angles = torch.cat(
            [times[:, None, :, None] * self.rates[0], order[:, None, :, None] * self.rates[1]], dim=-1
        )
        turn = angles.cos(), angles.sin()
        for block in self.blocks[:-1]:
            tokens = block(tokens, turn, bias[:, None, None, :], tokens.shape[1])
        found = None if events is None else self._found(tokens[:, 1 + self.layout.statics :], there)
        last = self.blocks[-1](
            tokens, turn, bias[:, None, None, :], tokens.shape[1] if asking is None else asking
        )
        normed: Tensor = self.norm(last)
        return normed if found is None else torch.cat([normed[:, :1] + found, normed[:, 1:]], dim=1)

    def _with_earlier(self, events: Tensor) -> Tensor:
        """Each event together with the two before it: which followed which, and how soon."""
        count = events.shape[1]
        run = [functional.pad(events, (0, 0, distance, 0))[:, :count] for distance in range(1 + BEFORE)]
        patterns: Tensor = self.pattern(functional.gelu(self.earlier(torch.cat(run, dim=-1))))
        return events + patterns

    def _found(self, states: Tensor, there: Tensor) -> Tensor:
        """What the events say that adds up with every one of them, shape (B, 1, width).

        Attention takes means; that something happened three times is a sum.
        """
        said = torch.sigmoid(self.gate(states) - 2) * self.evidence(states) * there[..., None]
        total: Tensor = said.sum(1, keepdim=True) / 4
        return total


def _rates(layout: Layout) -> Tensor:
    """Radians per day and per event that each pair of each head turns, shape (2, heads, 1, pairs)."""
    pairs = layout.width // layout.heads // 4
    count = layout.heads * pairs

    def rates(shortest: float, longest: float) -> Tensor:
        periods = torch.logspace(math.log2(shortest), math.log2(longest), count, base=2.0)
        # Every head gets quick and slow ones.
        return (2 * math.pi / periods).reshape(pairs, layout.heads).T[:, None, :]

    return torch.stack([rates(SHORTEST_DAYS, LONGEST_DAYS), rates(SHORTEST_STEPS, LONGEST_STEPS)])
