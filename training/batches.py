"""Batches of a training: rows of about one length, drawn by their weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.model import EOS

# A row is padded to the next of these.
EDGES = (8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 80, 104, 128)


class Batches:
    """The rows of an archive that `training.prepare` wrote, in buckets by length."""

    def __init__(self, path: Path, device: Any, tokens: int) -> None:
        """`tokens`: how many a batch has at most, padding included, on the longer side."""
        with np.load(path) as archive:
            arrays = {name: archive[name] for name in archive.files}
        self._device, self._random = device, np.random.default_rng()
        self._buckets: list[tuple[Any, Any, list[Any], int]] = []
        steps = []
        longest = np.maximum(arrays["sl"], arrays["tl"] + 1)
        starts = {
            side: np.concatenate([[0], np.cumsum(arrays[f"{side}l"].astype(np.int64))])
            for side in "st"
        }
        self.edges: list[int] = []
        for place, edge in enumerate(EDGES):
            rows = np.flatnonzero(np.searchsorted(EDGES, longest) == place)
            if not len(rows):
                continue
            padded = {side: np.zeros((len(rows), edge), np.int16) for side in "st"}
            for at, row in enumerate(rows):
                for side in "st":
                    ids = arrays[side][starts[side][row] : starts[side][row + 1]]
                    padded[side][at, : len(ids)] = ids
                padded["t"][at, arrays["tl"][row]] = EOS
            sums = [np.cumsum(arrays[name][rows].astype(np.float64)) for name in ("w", "late")]
            size = max(1, tokens // edge)
            source, target = (torch.from_numpy(padded[side]).to(device) for side in "st")
            self._buckets.append(
                (source, target, [torch.from_numpy(each).to(device) for each in sums], size)
            )
            steps.append([float(each[-1]) / size for each in sums])
            self.edges.append(edge)
        self._steps = np.array(steps)  # how many steps a bucket deserves

    def draw(self, *, late: bool, longest: int) -> tuple[Any, Any]:
        """One batch of rows of at most so many tokens, by the weights for this half."""
        steps = self._steps[:, int(late)] * (np.array(self.edges) <= longest)
        chosen = self._random.choice(len(steps), p=steps / steps.sum())
        source, target, sums, size = self._buckets[chosen]
        marks = torch.rand(size, device=self._device, dtype=torch.float64) * sums[late][-1]
        rows = torch.searchsorted(sums[late], marks).clamp_(max=len(source) - 1)
        return source[rows].long(), target[rows].long()

    def all(self) -> Iterator[tuple[Any, Any]]:
        """Every row once."""
        for source, target, _, size in self._buckets:
            for start in range(0, len(source), size):
                yield source[start : start + size].long(), target[start : start + size].long()
