"""Checks model files in Marian's binary format, as Firefox Translations publishes them.

The engine is compiled code: it ends the process at an impossible length, and raises in the
middle of a sentence if a weight is missing. So everything that the engine reads is checked
here before a model is installed.

Little endian: version, number of items; per item the length of its name, its type, the
number of its dimensions and the length of its data; then names, shapes, padding, data.
https://github.com/mozilla/translations (inference/marian-fork/src/common/binary.cpp)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

import yaml

from translate.packages.archive import PackageError

_VERSION = 1
_FLOAT32, _INTGEMM8 = 0x404, 0x4101
_BYTES = {_FLOAT32: 4, _INTGEMM8: 1}
_MAX_ITEMS = 4096
_MAX_NAME = 512
_MAX_DIMENSIONS = 8
_CONFIG = "special:model.yml"
_REMEDY = "download the file again"


@dataclass(frozen=True, slots=True)
class Item:
    """One array of a model."""

    kind: int
    shape: tuple[int, ...]
    data: memoryview


def read_items(data: bytes, where: Path) -> dict[str, Item]:
    """The arrays of a model by name; raises `PackageError`."""
    try:
        return dict(_items(data))
    except (struct.error, ValueError) as error:
        reason = f"not a model in Marian's binary format ({error})"
        raise PackageError(where, reason, _REMEDY) from error


def check_model(items: Mapping[str, Item], pieces: tuple[int, int], where: Path) -> None:
    """Raises `PackageError` if the model cannot run with vocabularies of these sizes."""
    try:
        needed = dict(_expected_items(_read_config(items), items, pieces))
    except (ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        reason = f"{_CONFIG}: no usable description of the model ({error})"
        raise PackageError(where, reason, _REMEDY) from error
    for name, (kind, shape) in needed.items():
        item = items.get(name)
        if item is None:
            reason = f"{name}: missing; supported are transformers with SSRU decoders in int8"
            raise PackageError(where, reason)
        if item.kind != kind:
            raise PackageError(where, f"{name}: of type {item.kind:#x}, not {kind:#x}")
        if prod(item.shape) != prod(shape) or (len(shape) > 1 and item.shape[-1] != shape[-1]):
            actual, wanted = (" x ".join(map(str, one)) for one in (item.shape, shape))
            raise PackageError(where, f"{name}: shape {actual}, not {wanted}")


def _items(data: bytes) -> Iterator[tuple[str, Item]]:
    view = memoryview(data)
    version, count = struct.unpack_from("<QQ", data)
    if version != _VERSION:
        raise ValueError(f"version {version}")
    if count > _MAX_ITEMS:
        raise ValueError(f"{count} items")
    headers = [struct.unpack_from("<QQQQ", data, 16 + 32 * index) for index in range(count)]
    offset = 16 + 32 * count
    names = []
    for length, _, dimensions, _ in headers:
        if length > _MAX_NAME or dimensions > _MAX_DIMENSIONS:
            raise ValueError("a name or a shape that is too long")
        names.append(bytes(view[offset : offset + length]).rstrip(b"\0").decode("utf-8"))
        offset += length
    shapes: list[tuple[int, ...]] = []
    for _, _, dimensions, _ in headers:
        shapes.append(struct.unpack_from(f"<{dimensions}i", data, offset))
        offset += 4 * dimensions
    [gap] = struct.unpack_from("<Q", data, offset)
    offset += 8 + gap
    for name, shape, (_, kind, _, length) in zip(names, shapes, headers, strict=True):
        size = prod(shape) * _BYTES.get(kind, 1) + (4 if kind == _INTGEMM8 else 0)
        if any(one < 1 for one in shape) or size > length or offset + length > len(data):
            raise ValueError(f"{name or 'an item'}: truncated, or of an impossible shape")
        yield name, Item(kind, shape, view[offset : offset + length])
        offset += length


def _read_config(items: Mapping[str, Item]) -> dict[str, int]:
    text = bytes(items[_CONFIG].data).partition(b"\0")[0].decode("utf-8")
    fields = yaml.safe_load(text)
    names = ("dim-emb", "transformer-heads", "enc-depth", "dec-depth", "transformer-dim-ffn")
    config = {name: int(fields[name]) for name in names}
    if not all(0 < value <= 8192 for value in config.values()):
        raise ValueError("a size out of bounds")
    if config["dim-emb"] % config["transformer-heads"]:
        raise ValueError("heads of unequal width")
    if config["dim-emb"] % 64 or config["transformer-dim-ffn"] % 64:
        raise ValueError("a width that is not a multiple of 64, which int8 multiplication needs")
    return config


_Needed = Iterator[tuple[str, tuple[int, tuple[int, ...]]]]


def _expected_items(
    config: Mapping[str, int], items: Mapping[str, Item], pieces: tuple[int, int]
) -> _Needed:
    """Name, type and shape of each item that a model of these sizes has."""
    width, inner = config["dim-emb"], config["transformer-dim-ffn"]
    for layer in range(1, config["enc-depth"] + 1):
        yield from _attention(f"encoder_l{layer}_self", width)
        yield from _feed_forward(f"encoder_l{layer}_ffn", width, inner)
    for layer in range(1, config["dec-depth"] + 1):
        name = f"decoder_l{layer}"
        yield from _matrix(f"{name}_rnn_W", width, width)
        yield from _matrix(f"{name}_rnn_Wf", width, width)
        yield f"{name}_rnn_bf", (_FLOAT32, (width,))
        yield from _norm(f"{name}_rnn_ffn", width)
        yield from _attention(f"{name}_context", width)
        yield from _feed_forward(f"{name}_ffn", width, inner)
    source, target = pieces
    yield "decoder_ff_logit_out_b", (_FLOAT32, (target,))
    if "Wemb" in items:
        yield "Wemb", (_INTGEMM8, (target, width))
        if source != target:
            raise ValueError(f"one embedding for vocabularies of {source} and {target} pieces")
    else:
        yield "encoder_Wemb", (_INTGEMM8, (source, width))
        yield "decoder_Wemb", (_INTGEMM8, (target, width))
    if "none_QuantMultA" in items:
        yield "none_QuantMultA", (_FLOAT32, (1,))
    else:
        yield "decoder_Wemb_QuantMultA", (_INTGEMM8, (1,))


def _attention(name: str, width: int) -> _Needed:
    for each in "qkvo":
        yield from _matrix(f"{name}_W{each}", width, width)
        yield f"{name}_b{each}", (_FLOAT32, (width,))
    yield from _norm(f"{name}_Wo", width)


def _feed_forward(name: str, width: int, inner: int) -> _Needed:
    yield from _matrix(f"{name}_W1", width, inner)
    yield from _matrix(f"{name}_W2", inner, width)
    yield f"{name}_b1", (_FLOAT32, (inner,))
    yield f"{name}_b2", (_FLOAT32, (width,))
    yield from _norm(f"{name}_ffn", width)


def _matrix(name: str, inside: int, outside: int) -> _Needed:
    yield name, (_INTGEMM8, (inside, outside))
    yield f"{name}_QuantMultA", (_FLOAT32, (1,))


def _norm(name: str, width: int) -> _Needed:
    yield f"{name}_ln_scale", (_FLOAT32, (width,))
    yield f"{name}_ln_bias", (_FLOAT32, (width,))
