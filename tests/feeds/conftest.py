"""The blog that most tests write their posts to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.blog import Blog


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return Blog(tmp_path)
