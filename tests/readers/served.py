"""A blog that answers on a port of its own, and notes who asked for what."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from werkzeug.serving import make_server

from tests.support.blog import Blog

NEWS = quote("最新ニュース")
LANGUAGES = ("ja", "en", "ko")
# What the issues of feed readers are made of: signs of XML, ruby, emoji, the end of CDATA.
TITLE = "<題> & ]]> 𠮷野家 👩‍💻"
BODY = "<ruby>漢字<rt>かんじ</rt></ruby>と `]]>` と 🎉。売上は375%です。"


class Served(Blog):
    """The helper of the service's tests, reached by real programs over HTTP."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.answers: list[tuple[str, int]] = []
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.port}"
        super().__init__(folder, site_url=self.url, site_title="試験 & Test", **settings)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        def noted(status: str, *rest: Any) -> Any:
            query = environ.get("QUERY_STRING", "")
            path = quote(environ["PATH_INFO"].encode("latin-1"))
            self.answers.append((path + (f"?{query}" if query else ""), int(status[:3])))
            return start_response(status, *rest)

        return self.app(environ, noted)

    def since(self) -> dict[str, list[int]]:
        """The statuses of each path since the last look."""
        found: dict[str, list[int]] = {}
        for path, status in self.answers:
            found.setdefault(path, []).append(status)
        self.answers.clear()
        return found

    def fill(self) -> None:
        """Three posts of both tags."""
        for n in (1, 2, 3):
            self._write(n, BODY if n == 3 else f"第{n}段落です。")
        self.look()

    def publish(self, n: int, body: str) -> None:
        self._write(n, body)
        self.look()

    def _write(self, n: int, body: str) -> None:
        title = f"'{TITLE} {n}'" if n == 3 else f"題名{n}"
        self.write(f"2026-01-{n:02}-p{n}.md", body, title=title, tags="[AI, 最新ニュース]")


def paths(*formats: str) -> list[str]:
    """The site, a tag and a combination in each language, in these formats by turns."""
    found = []
    for n, language in enumerate(LANGUAGES):
        for m, path in enumerate((f"/{language}/", f"/{language}/tags/{NEWS}/", f"/{language}/")):
            query = f"?tag=ai&tag={NEWS}" if m == 2 else ""
            found.append(f"{path}feed.{formats[(n + m) % len(formats)]}{query}")
    return found
