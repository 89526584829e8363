"""The description held against the service: requests made up by schemathesis.

40 of each kind here; `FUZZ_REQUESTS=100000` as in tests/fuzz/test_asks.py makes it 1,000.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis import GenerationMode, Response, checks

from feeds.settings import Settings
from feeds.web.api.openapi import describe
from tests.support.blog import Blog

pytestmark = pytest.mark.slow

DOCUMENT = list(describe(Settings(), "")["paths"])

# No translator runs here, and requests come from no address.
STATE = ("/readyz", "/metrics")

EXAMPLES = max(40, int(os.environ.get("FUZZ_REQUESTS", "0")) // 100)

bounded = settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None)


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Any:
    blog = Blog(tmp_path_factory.mktemp("blog"), feed_menu="on")
    for n in (1, 2, 3):
        tags = '[AI, 最新ニュース, "C++"]'
        blog.write(f"2026-01-0{n}-p{n}.md", tags=tags, categories="[技術]", author="編集部")
    blog.look()
    blog.get("/ko/feed.atom")
    blog.translate()
    schema = schemathesis.openapi.from_wsgi("/openapi.json", blog.app)
    schema.config.update(base_url="http://localhost")
    return schema


def answer(case: Any, *without: Any) -> Response:
    """The answer, held against the description."""
    # The WSGI client says that it takes every encoding, and decodes none.
    headers = {"Accept-Encoding": "identity"}
    response = case.call_and_validate(
        headers=headers, excluded_checks=[checks.not_a_server_error, *without]
    )
    # The one 5xx there is, for those who asked for it.
    insisted = response.status_code == 503 and (
        case.query.get("require") == "complete" or case.path == "/readyz"  # no translator runs
    )
    assert response.status_code < 500 or insisted
    return response


@pytest.mark.parametrize("path", DOCUMENT)
def test_valid_requests_get_the_described_responses(schema: Any, path: str) -> None:
    seen = set()

    @given(schema[path]["GET"].as_strategy())
    @bounded
    def check(case: Any) -> None:
        seen.add(answer(case).status_code)

    check()
    assert 200 in seen or "{term}" in path or "{number}" in path or path in STATE, seen


@pytest.mark.parametrize("path", [path for path in DOCUMENT if "{" in path or "api/f" in path])
def test_invalid_requests_get_the_described_errors(schema: Any, path: str) -> None:
    # A path that breaks the rules may be that of a page, or one slash away from it.
    without = [checks.negative_data_rejection] if "{" in path else []

    @given(schema[path]["GET"].as_strategy(generation_mode=GenerationMode.NEGATIVE))
    @bounded
    def check(case: Any) -> None:
        answer(case, *without)

    check()
