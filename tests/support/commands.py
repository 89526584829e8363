"""Commands as they are typed, on the app of a blog."""

from __future__ import annotations

import json
from typing import Any

from click.testing import Result

from tests.support.blog import Blog


def flask(blog: Blog, *arguments: str) -> Result:
    return blog.app.test_cli_runner().invoke(args=arguments)


def answer(blog: Blog, *arguments: str, status: int = 0) -> Any:
    """What the command prints with --json."""
    result = flask(blog, *arguments, "--json")
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)
