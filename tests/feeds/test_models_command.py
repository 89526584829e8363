"""flask models: what the commands say of packages, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

from blog import Blog

from feeds.cli import register


def test_verify_ends_with_1_where_a_package_is_damaged_only(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    register(blog.app)
    runner = blog.app.test_cli_runner()
    good = runner.invoke(args=["models", "verify"])
    assert good.exit_code == 0
    assert "translate-ja_en-0_2: as it was installed" in good.output
    (blog.settings.packages / "translate-ja_fr-1_0").mkdir(parents=True)
    damaged = runner.invoke(args=["models", "verify", "--json"])
    assert damaged.exit_code == 1
    problems = {one["name"]: one["problem"] for one in json.loads(damaged.output)}
    assert problems.pop("translate-ja_fr-1_0")
    assert set(problems.values()) == {None}
