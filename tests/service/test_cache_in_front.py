"""nginx as a cache in front: whoever comes first, a reader never gets the page for browsers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.test_deploy import Proxy, deployed, free_port
from tests.service.test_serving import Service, serving

pytestmark = pytest.mark.slow

BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0",
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
}
READER = {"User-Agent": "Miniflux/2.2", "Accept": "application/atom+xml, application/rss+xml"}
TYPES = {"atom": "application/atom+xml; charset=utf-8", "rss": "application/rss+xml; charset=utf-8"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    (folder / "posts").mkdir()
    for n in (1, 2, 3):
        text = f"---\ntitle: 題名{n}\ntags: [RSS]\n---\n\n本文です。\n"
        (folder / "posts" / f"2026-01-0{n}-p{n}.md").write_text(text, "utf-8")
    with serving(folder, folder / "posts", FEEDS_TRANSLATOR="off") as service:
        yield service


def own(service: Service, port: int, folder: Path) -> str:
    """A cache as its owner may write it, which takes feedglot's word for what it keeps."""
    return f"""
        proxy_cache_path {folder}/own keys_zone=own:1m;
        server {{
            listen 127.0.0.1:{port};
            location /blog/ {{
                proxy_pass http://127.0.0.1:{service.port}/;
                proxy_cache own;
                proxy_ignore_headers Expires;
                add_header X-Cache $upstream_cache_status always;
            }}
        }}"""


@pytest.mark.parametrize("regards_vary", [True, False])
@pytest.mark.parametrize("config", [own, deployed])
def test_a_reader_never_gets_the_page(
    service: Service, tmp_path: Path, config: object, regards_vary: bool
) -> None:
    port = free_port()
    assert callable(config)
    block = config(service, port, tmp_path)
    if not regards_vary:
        assert block.count(" Expires;") == 1
        block = block.replace(" Expires;", " Expires Vary;")
    proxy = Proxy(tmp_path / "nginx", block, port)
    kept = set()
    try:
        for folder in ("ja", "ja/tags/rss", "ja/archive/1", "ja/tags/rss/archive/1"):
            for format, order in {"atom": (BROWSER, READER), "rss": (READER, BROWSER)}.items():
                for number, who in enumerate((*order, *order, *order)):
                    if number == 4 and folder == "ja" and config is deployed:
                        time.sleep(2.2)  # what is kept has expired, and is asked for again
                    status, headers, body = proxy.get(f"/blog/{folder}/feed.{format}", **who)
                    assert status == 200
                    is_page = headers["Content-Type"].startswith("text/html")
                    if who is READER:
                        kept.add(headers["X-Cache"])
                        assert headers["Content-Type"] == TYPES[format], (folder, order, number)
                        assert body.startswith(b"<?xml")
                    elif is_page:
                        assert headers["X-Cache"] != "HIT" or regards_vary
                        assert body.startswith(b"<!doctype html>")
                    assert who is READER or is_page or not regards_vary, (folder, format, number)
    finally:
        proxy.stop()
    assert "HIT" in kept  # else this tries no cache
