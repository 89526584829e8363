"""Trains one model from a folder that `training.prepare` wrote; stopped and resumed at will.

    python -m training.train data/ja_en out/ja_en --seconds 20000 --resume --threads 1

The schedule goes by time: warm-up, then a cosine that ends after --seconds of training, all
runs together; on a processor these are seconds that it worked, so that a training in the
background loses nothing while others have the machine. OUT gets state.pt (to resume),
weights.npz (for `training.package`) and log.txt. It needs torch; a CUDA device or a processor
with bf16 is used where there is one.

Several processes train one model together with --peers: each draws rows of its own and now
and then meets the others halfway. They share no clock, so each may be stopped alone.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from training.batches import Batches
from training.model import SIZES, Model, described

_SMOOTHING = 0.1
_CLIP = 1.0
_AVERAGED_FROM = 0.92  # of the time: the mean of the last weights is better than any of them
_MEET_EVERY = 25  # steps
# Short rows first: until this part of the time, rows of at most so many tokens.
_SHORT_FIRST = ((0.12, 20), (0.3, 40), (1.0, 128))


class Training:
    """A model, its optimizer and how far they are."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.out: Path = options.out
        self.out.mkdir(parents=True, exist_ok=True)
        cuda = options.device == "cuda" or (options.device == "auto" and torch.cuda.is_available())
        self.device = torch.device("cuda" if cuda else "cpu")
        self.half = cuda or _has_bf16()
        self.tokens = options.tokens or (32_768 if cuda else 1024)
        self.peak = options.rate or (2e-3 if cuda else 1.2e-3)
        self.warm_up = 1000 if cuda else 300
        meta = json.loads((options.data / "meta.json").read_text("utf-8"))
        size = SIZES[options.size]
        self.described = described(meta["vocabulary"], size)
        torch.manual_seed(1)
        self.model = Model(meta["vocabulary"], size, options.drop).to(self.device)
        weights = list(self.model.parameters())
        self.optimizer = torch.optim.AdamW(
            [
                {"params": [w for w in weights if w.ndim > 1], "weight_decay": 0.01},
                {"params": [w for w in weights if w.ndim <= 1], "weight_decay": 0.0},
            ],
            lr=self.peak,
            betas=(0.9, 0.98),
            eps=1e-9,
            fused=True,
        )
        self.used, self.step, self.seen = 0.0, 0, 0
        self._mean: dict[str, Any] = {}
        self._averaged = 0
        self._met: dict[Path, int] = {}
        if options.resume and (self.out / "state.pt").exists():
            self._resume()

    def run(self) -> None:
        """Trains until the time is up."""
        rows = Batches(self.options.data / "train.npz", self.device, self.tokens)
        worked = time.monotonic if self.device.type == "cuda" else time.process_time
        base, began = self.used, worked()
        started = shown = saved = time.monotonic()
        counted = 0
        self.model.train()
        while True:
            now = time.monotonic()
            self.used = base + worked() - began
            if self.used >= self.options.seconds or now - started > self.options.this_run:
                break
            loss, tokens = self.learn(rows)
            counted += tokens
            if now - shown > self.options.report:
                pace = counted / (now - shown)
                self._report(f"{pace:,.0f} tokens/s, loss {float(loss):.3f}")
                shown, counted = now, 0
            if now - saved > self.options.save:
                self.save_state()
                saved = now
        self.finish()

    def learn(self, rows: Batches) -> tuple[Any, int]:
        """One step: the loss of its batch, and of how many target tokens."""
        done = self.used / self.options.seconds
        warm = min(1.0, (self.step + 1) / self.warm_up)
        for group in self.optimizer.param_groups:
            group["lr"] = self.peak * warm * max(0.01, 0.5 * (1 + math.cos(math.pi * done)))
        longest = next(limit for until, limit in _SHORT_FIRST if done < until)
        source, target = rows.draw(late=done > self.options.late, longest=longest)
        with self._precision():
            loss, tokens = self.model.loss(source, target, _SMOOTHING)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), _CLIP)
        self.optimizer.step()
        self.step += 1
        self.seen += tokens
        if self.options.peers and self.step % _MEET_EVERY == 0:
            self._meet()
        if done > _AVERAGED_FROM and self.step % 5 == 0:
            self._average()
        return loss.detach(), tokens

    def _precision(self) -> Any:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.half)

    def _average(self) -> None:
        self._averaged += 1
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                if self._averaged == 1:
                    self._mean[name] = value.clone()
                else:
                    self._mean[name].lerp_(value, 1 / self._averaged)

    def _meet(self) -> None:
        """Moves halfway to what each other process has written since it was last met."""
        folder: Path = self.options.peers
        folder.mkdir(parents=True, exist_ok=True)
        own = folder / f"{self.out.name}.pt"
        for path in folder.glob("[!.]*.pt"):
            written = path.stat().st_mtime_ns
            if path == own or self._met.get(path) == written:
                continue
            self._met[path] = written
            theirs = torch.load(path, map_location=self.device)
            with torch.no_grad():
                for name, value in self.model.named_parameters():
                    value.lerp_(theirs[name], 0.5)
        _save(own, {name: value.detach() for name, value in self.model.named_parameters()})

    def _resume(self) -> None:
        state = torch.load(self.out / "state.pt", map_location=self.device)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.used, self.step, self.seen = state["used"], state["step"], state["seen"]

    def save_state(self) -> None:
        """Writes what it takes to go on from here."""
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "used": self.used,
            "step": self.step,
            "seen": self.seen,
        }
        _save(self.out / "state.pt", state)

    def finish(self) -> None:
        """Leaves the weights for a package: the mean of the last ones, where there is one."""
        self.save_state()
        if self._mean:
            self.model.load_state_dict(self._mean)
        arrays: dict[str, Any] = {
            name: value.detach().cpu().float().numpy().astype(np.float16)
            for name, value in self.model.state_dict().items()
        }
        arrays |= {f"size.{name}": np.array(value) for name, value in self.described.items()}
        np.savez(self.out / "weights.npz", **arrays)
        self._report(f"loss on the essays to measure with {self.judge():.4f}")

    def judge(self) -> float:
        """The mean loss on the rows to measure with."""
        self.model.eval()
        total, count = 0.0, 0
        with torch.no_grad():
            for source, target in Batches(
                self.options.data / "dev.npz", self.device, self.tokens
            ).all():
                with self._precision():
                    loss, tokens = self.model.loss(source, target, 0.0)
                total, count = total + float(loss) * tokens, count + tokens
        self.model.train()
        return total / max(count, 1)

    def _report(self, what: str) -> None:
        line = f"{self.used:7.0f} s, step {self.step}, {self.seen / 1e6:.2f} M tokens, {what}"
        print(line, flush=True)
        with (self.out / "log.txt").open("a", encoding="utf-8") as log:
            log.write(line + "\n")


def _save(path: Path, what: dict[str, Any]) -> None:
    """All of it or nothing: a run may be stopped while it writes."""
    partial = path.with_name(f".{path.name}")
    torch.save(what, partial)
    partial.replace(path)


def _has_bf16() -> bool:
    """Whether this processor multiplies bf16 fast; others are better off with float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return False
    return "amx_bf16" in flags or "avx512_bf16" in flags


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    made.add_argument("data", type=Path, help="a folder that training.prepare wrote")
    made.add_argument("out", type=Path)
    made.add_argument("--seconds", type=float, required=True, help="of work, all runs together")
    made.add_argument(
        "--this-run", type=float, default=math.inf, help="seconds of this run, by the clock"
    )
    made.add_argument("--size", default="S", choices=SIZES)
    made.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    made.add_argument("--tokens", type=int, default=0, help="of a batch (cuda: 32768, cpu: 1024)")
    made.add_argument("--rate", type=float, default=0.0, help="the highest learning rate")
    made.add_argument("--drop", type=float, default=0.1)
    made.add_argument(
        "--late", type=float, default=0.25, help="part after which late weights count"
    )
    made.add_argument("--threads", type=int, default=0, help="0: as torch chooses")
    made.add_argument("--resume", action="store_true")
    made.add_argument("--peers", type=Path, help="folder where processes of one model meet")
    made.add_argument("--report", type=float, default=60.0, help="seconds between lines of the log")
    made.add_argument("--save", type=float, default=600.0, help="seconds between states")
    return made


def main() -> None:
    options = parser().parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    training = Training(options)
    weights = sum(weight.numel() for weight in training.model.parameters())
    kind = "bf16" if training.half else "float32"
    print(f"{weights / 1e6:.2f} M weights, {training.device}, {kind}, {training.tokens} tokens")
    training.run()


if __name__ == "__main__":
    main()
