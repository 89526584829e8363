"""A translator that is all there is to it: sentences, memory, engine, two at a time."""

from __future__ import annotations

from dataclasses import dataclass

from translate.types import (
    Decoding,
    Document,
    Engine,
    NoPathError,
    Pair,
    Progress,
    Translation,
    TranslationMemory,
)


@dataclass
class PlainTranslator:
    engine: Engine
    memory: TranslationMemory

    def translate(
        self,
        document: Document,
        target: str,
        progress: Progress | None = None,
        *,
        smaller: int = 0,
    ) -> Translation:
        path = self.engine.path(Pair(document.language, target))
        texts = [document.title, *document.html.split("。")]
        for hop in path:
            texts = self._through(hop, texts, progress)
        return Translation(
            language=target,
            title=texts[0],
            summary="",
            html=" ".join(texts[1:]),
            labels=(),
            sentences=(),
            hops=path,
            score=1.0,
            publishable=True,
        )

    def fingerprint(self, pair: Pair) -> str:
        try:
            return ", ".join(f"{hop.name} {hop.version}" for hop in self.engine.path(pair))
        except NoPathError:
            return ""

    def _through(self, hop, texts, progress):  # type: ignore[no-untyped-def]
        keys = {text: f"{hop.name} {text}" for text in texts}
        known = self.memory.get_many(list(keys.values()))
        missing = [text for text in keys if keys[text] not in known]
        for start in range(0, len(missing), 2):
            batch = missing[start : start + 2]
            decoded = self.engine.decode(hop, batch, Decoding())
            fresh = {keys[t]: best[0].text for t, best in zip(batch, decoded, strict=True)}
            self.memory.put_many(fresh)
            known |= fresh
            if progress:
                progress(len(known), len(keys))
        return [known[keys[text]] for text in texts]
