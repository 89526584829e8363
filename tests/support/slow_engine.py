"""The fake engine with a pace, and a record of every sentence that any process decoded."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

from translate.engines.fake import FakeEngine
from translate.types import Decoding, Hop, Hypothesis

# The service hands its translator the PYTHON... variables, and few others.
RECORD = "PYTHON_TEST_DECODED"  # names the file
PACE = "PYTHON_TEST_SECONDS"  # per sentence


class SlowEngine(FakeEngine):
    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[list[Hypothesis]]:
        time.sleep(float(os.environ[PACE]) * len(sentences))
        with Path(os.environ[RECORD]).open("ab") as record:
            for sentence in sentences:
                row = [os.getpid(), str(hop.pair), repr(options), sentence]
                record.write(json.dumps(row).encode() + b"\n")
        return super().decode(hop, sentences, options)


def make() -> SlowEngine:
    return SlowEngine()
