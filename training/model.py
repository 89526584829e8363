"""The model: a pre-norm Transformer with one embedding for both sides and the output.

CTranslate2 computes the same from the same weights: `training.package` hands them over.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

PAD, BOS, EOS = 0, 1, 2  # PAD has the id of <unk>, and is masked everywhere
_POSITIONS = 512


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a model is."""

    width: int
    heads: int
    encoder: int
    decoder: int
    inner: int


SIZES = {
    "S": Size(width=256, heads=4, encoder=4, decoder=2, inner=1024),  # 8.4 million weights
    "M": Size(width=320, heads=5, encoder=6, decoder=2, inner=1280),  # 14.5
    "L": Size(width=384, heads=6, encoder=6, decoder=2, inner=1536),  # 20
}


def positions(count: int, width: int) -> Any:
    """Sines, then cosines, of each place (Vaswani et al. 2017, in tensor2tensor's order)."""
    half = width // 2
    rates = torch.exp(torch.arange(half) * (-math.log(10_000.0) / (half - 1)))
    angles = torch.arange(count)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def _attend(query: Any, key: Any, value: Any, mask: Any, causal: bool) -> Any:
    """Attention of all heads; `mask` is true where it may look.

    The fused kernel is for CUDA: on a processor a whole step takes a third more time with it
    (3,240 target tokens a second in place of 4,350, size S, bf16, rows of at most 128 tokens).
    """
    if query.is_cuda:
        return functional.scaled_dot_product_attention(
            query, key, value, attn_mask=mask, is_causal=causal
        )
    if causal:
        mask = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool).tril()
    scores = query * query.shape[-1] ** -0.5 @ key.transpose(-1, -2)
    return torch.softmax(scores.masked_fill(~mask, -math.inf), -1, dtype=scores.dtype) @ value


class Attention(nn.Module):
    """Attention over itself, or over `memory` where it crosses to the encoder."""

    def __init__(self, size: Size, *, cross: bool) -> None:
        super().__init__()
        self.heads, self.cross = size.heads, cross
        if cross:
            self.query = nn.Linear(size.width, size.width)
            self.memory = nn.Linear(size.width, 2 * size.width)
        else:
            self.all = nn.Linear(size.width, 3 * size.width)
        self.out = nn.Linear(size.width, size.width)

    def forward(self, x: Any, memory: Any = None, mask: Any = None, causal: bool = False) -> Any:
        read = [self.query(x), *self.memory(memory).chunk(2, -1)] if self.cross else None
        query, key, value = map(self._split, read or self.all(x).chunk(3, -1))
        mixed = _attend(query, key, value, mask, causal)
        return self.out(mixed.transpose(1, 2).reshape(x.shape))

    def _split(self, x: Any) -> Any:
        rows, length, width = x.shape
        return x.reshape(rows, length, self.heads, width // self.heads).transpose(1, 2)


class Layer(nn.Module):
    """One layer of the encoder or, with a cross attention, of the decoder."""

    def __init__(self, size: Size, drop: float, *, decoder: bool) -> None:
        super().__init__()
        self.drop, self.decoder = drop, decoder
        self.self_norm, self.self_attention = nn.LayerNorm(size.width), Attention(size, cross=False)
        if decoder:
            self.cross_norm = nn.LayerNorm(size.width)
            self.cross_attention = Attention(size, cross=True)
        self.inner_norm = nn.LayerNorm(size.width)
        self.inner = nn.Linear(size.width, size.inner)
        self.outer = nn.Linear(size.inner, size.width)

    def forward(self, x: Any, mask: Any, memory: Any = None) -> Any:
        own = None if self.decoder else mask
        x = x + self._dropped(self.self_attention(self.self_norm(x), None, own, self.decoder))
        if self.decoder:
            x = x + self._dropped(self.cross_attention(self.cross_norm(x), memory, mask))
        inner = functional.relu(self.inner(self.inner_norm(x)))
        return x + self._dropped(self.outer(self._dropped(inner)))

    def _dropped(self, x: Any) -> Any:
        return functional.dropout(x, self.drop, self.training)


class Model(nn.Module):
    """Encoder, decoder and the embedding that they share."""

    def __init__(self, vocabulary: int, size: Size, drop: float = 0.1) -> None:
        super().__init__()
        self.width, self.drop = size.width, drop
        self.embedding = nn.Embedding(vocabulary, size.width)
        self.encoder = nn.ModuleList(Layer(size, drop, decoder=False) for _ in range(size.encoder))
        self.decoder = nn.ModuleList(Layer(size, drop, decoder=True) for _ in range(size.decoder))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(size.width), nn.LayerNorm(size.width)
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        self.register_buffer("places", positions(_POSITIONS, size.width), persistent=False)
        nn.init.normal_(self.embedding.weight, std=size.width**-0.5)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        # Deep pre-norm models start calmer when what each layer adds is small.
        small = (2 * max(size.encoder, size.decoder)) ** -0.5
        with torch.no_grad():
            for layer in (*self.encoder, *self.decoder):
                layer.self_attention.out.weight.mul_(small)
                layer.outer.weight.mul_(small)

    def loss(self, source: Any, target: Any, smoothing: float) -> tuple[Any, int]:
        """The mean loss of a batch of padded rows, and of how many target tokens."""
        mask = (source != PAD)[:, None, None, :]
        memory = self._embed(source)
        for layer in self.encoder:
            memory = layer(memory, mask)
        memory = self.encoder_norm(memory)
        began = torch.full_like(target[:, :1], BOS)
        x = self._embed(torch.cat([began, target[:, :-1]], 1))
        for layer in self.decoder:
            x = layer(x, mask, memory)
        kept = target != PAD
        scores = functional.linear(self.decoder_norm(x)[kept], self.embedding.weight, self.bias)
        loss = functional.cross_entropy(scores.float(), target[kept], label_smoothing=smoothing)
        return loss, int(kept.sum())

    def _embed(self, ids: Any) -> Any:
        x = self.embedding(ids) * math.sqrt(self.width) + self.places[: ids.shape[1]]
        return functional.dropout(x, self.drop, self.training)


def described(vocabulary: int, size: Size) -> dict[str, int]:
    """The size of a model as it is written beside its weights."""
    return {"vocabulary": vocabulary, **asdict(size)}
