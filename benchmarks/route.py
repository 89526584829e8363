"""Counts what one request touches: `python -m benchmarks.route`.

A term feed is made anew once its two entries are translated: the project's modules with a
function called on the way, and the after-request hooks that the answer passes.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

sys.path[0] = str(Path(__file__).parents[1])

from tests.support.blog import Blog  # noqa: E402

ROOMS = ("content", "feeds", "infra", "translate")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        blog = Blog(Path(folder))
        for n in (1, 2):
            blog.write(f"2026-01-0{n}-p{n}.md", tags="[AI]")
        blog.look()
        blog.get("/ko/tags/ai/feed.atom")  # queues the posts
        blog.translate()
        calls: Counter[str] = Counter()

        def count(frame: FrameType, event: str, _: Any) -> None:
            name = frame.f_globals.get("__name__", "")
            if event == "call" and name.partition(".")[0] in ROOMS:
                calls[name] += 1

        sys.setprofile(count)
        answer = blog.get("/ko/tags/ai/feed.atom")
        sys.setprofile(None)
        assert answer.status_code == 200
        hooks = blog.app.after_request_funcs
        names = [
            f"{hook.__module__}.{hook.__qualname__}" for of in (None, "feeds") for hook in hooks[of]
        ]
    print(f"{len(calls)} modules, {sum(calls.values())} calls")
    for name, number in sorted(calls.items()):
        print(f"  {number:4} {name}")
    print(f"{len(names)} after-request hooks: {', '.join(names)}")


if __name__ == "__main__":
    main()
