"""A loaded package: what it reads and writes as text, and its decoder.

sentencepiece 0.2.3 gives piece offsets in bytes, earlier ones in characters; the surfaces
are the same in both (see `pieces.py`).
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, overload

from translate.engines.sign_probe import SignProbe
from translate.engines.subwords import Pieces, align_pieces, place_pieces
from translate.packages.archive import load_metadata
from translate.packages.installed import Package
from translate.types import Hypothesis


class Model:
    """The tokenizer that reads and writes for a package, and its decoder."""

    def __init__(
        self, package: Package, folder: Path, opened: Any, translator: Any, *, restricted: bool
    ) -> None:
        """`restricted`: the translator was opened with a map of the target's vocabulary."""
        self.package = package
        self.folder = folder
        self.translator = translator
        self.restricted = restricted
        self.used = 0.0
        self.signs: SignProbe | None = None  # None: no text had any yet
        # First rows of attention of the latest sentences, which the next search often has again.
        self.first_rows: Mapping[tuple[str, ...], Sequence[Sequence[float]]] = {}
        # Packages with several target languages select one by a first token, such as
        # ">>kor<<". It is the first token of every hypothesis.
        self.prefix: tuple[str, ...] = (opened.target_prefix,) if opened.target_prefix else ()
        # Models of OPUS-MT need it before the source sentence instead.
        prefix = load_metadata(folder).source_prefix
        self.source_prefix: tuple[str, ...] = (prefix,) if prefix else ()
        self._tokenizer = opened.tokenizer
        self._sentencepiece: Any = None
        if hasattr(self._tokenizer, "lazy_processor"):
            self._sentencepiece = self._tokenizer.lazy_processor()
            self._proto = _proto_name(self._sentencepiece)
        else:
            self._tokenizer.lazy_load()

    def encode(self, text: str, prefix: Sequence[str] = ()) -> Pieces:
        """What the model reads; `prefix` are tokens before it, where there is something."""
        # A lone surrogate can't be handed to C++; any other character of one place can.
        text = text.encode("utf-8", "replace").decode()
        if self._sentencepiece is None:
            tokens = self._tokenizer.encode(text) if text.strip() else []
            surfaces = [_moses_surface(token) for token in tokens]
        else:
            pieces = self._sentencepiece.encode(text, out_type=self._proto).pieces
            tokens, surfaces = [p.piece for p in pieces], [p.surface for p in pieces]
        before = prefix if tokens else ()
        return place_pieces(text, [*before, *tokens], ["" for _ in before] + surfaces)

    def knows(self, text: str) -> bool:
        """Whether the vocabulary has pieces for all of a text behind the normaliser.

        True for tokenizers other than SentencePiece, whose words say nothing about signs.
        """
        if self._sentencepiece is None:
            return True
        read = self._sentencepiece
        ids = read.encode(text, out_type=int)
        return not any(read.is_unknown(one) or read.is_byte(one) for one in ids)

    def read(self, tokens: Sequence[str]) -> Pieces:
        """The text that the model wrote, and where each token is in it."""
        if self._sentencepiece is None:
            text = self._tokenizer.decode(tokens).strip()
            return place_pieces(text, tokens, [_moses_surface(token) for token in tokens])
        proto = self._sentencepiece.decode(list(tokens), out_type=self._proto)
        # A piece that is not in the vocabulary (an unknown token, replaced by the source's)
        # keeps its mark for a space. Underscores are text, and stay.
        surfaces = [piece.surface.replace("▁", " ") for piece in proto.pieces]
        text = unicodedata.normalize("NFC", "".join(surfaces).strip())
        return place_pieces(text, tokens, surfaces)


class DecodedSentence(Sequence[Hypothesis]):
    """The hypotheses of one sentence, best first.

    Each is converted when it is accessed: usually only the first is needed, and the alignments
    of the others would take a tenth of the decoding time.
    """

    def __init__(
        self,
        model: Model,
        source: Pieces,
        result: Any,
        first_row: Sequence[Sequence[float]],
        length_penalty: float,
    ) -> None:
        """`first_row`: the first row of every hypothesis' attention; empty: no attention."""
        self._model = model
        self._source = source
        self._tokens, self._scores = result.hypotheses, result.scores
        self._attention = result.attention
        self._first_row = first_row
        self._length_penalty = length_penalty

    def __len__(self) -> int:
        return len(self._tokens)

    @overload
    def __getitem__(self, place: int) -> Hypothesis: ...

    @overload
    def __getitem__(self, place: slice) -> list[Hypothesis]: ...

    def __getitem__(self, place: int | slice) -> Hypothesis | list[Hypothesis]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        tokens, prefix = self._tokens[place], self._model.prefix
        # The sum of the tokens' and the end's log-probabilities, over their number.
        score = self._scores[place] * (len(tokens) + 1) ** (self._length_penalty - 1)
        rows = [*self._first_row[:1], *self._attention[place][1:]] if self._first_row else []
        skip = len(prefix) if tuple(tokens[: len(prefix)]) == prefix else 0
        known = _replace_unknowns(tokens, rows, self._source.tokens)
        written = self._model.read(known[skip:])
        alignment = align_pieces(self._source, written, rows[skip:]) if rows else None
        return Hypothesis(written.text, score, alignment)


def _replace_unknowns(
    tokens: Sequence[str], rows: Sequence[Sequence[float]], source: Sequence[str]
) -> list[str]:
    """Replaces unknown tokens by the source token of most attention, as CTranslate2 does."""
    known = list(tokens)
    for place, row in enumerate(rows):
        if known[place] == "<unk>":
            known[place] = source[max(range(len(source)), key=row.__getitem__)]
    return known


def _proto_name(processor: Any) -> str:
    # The same thing, renamed in sentencepiece 0.2.2; the old name is refused there.
    try:
        processor.encode("", out_type="immutable_proto")
    except ValueError:
        return "proto"
    return "immutable_proto"


def _moses_surface(token: str) -> str:
    return html.unescape(token.removesuffix("@@"))
