"""Feed readers that people use, subscribed to a blog on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("life")

from tests.readers.served import Served  # noqa: E402  (after the path)


@pytest.fixture
def blog(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path / "blog") as blog:
        yield blog
