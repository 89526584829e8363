"""Posts that mean harm, in Chromium: nothing of them runs, with the pages' policy or without."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from tests.support.blog import Blog
from tests.support.hostile import SCRIPTS, write_good, write_scripts

pytestmark = pytest.mark.slow

LANGUAGES = ("ja", "en", "ko")

# What a script would do, and what a policy would say that has stopped one, is noted.
WATCH = """
window.ran = [];
window.pwned = window.alert = window.confirm = window.prompt = () => ran.push(location.href);
document.addEventListener("securitypolicyviolation",
  event => ran.push(`stopped: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
# What would run only when somebody points or clicks.
LATENT = """() => [
  ...[...document.querySelectorAll("*")].flatMap(element =>
    [...element.attributes]
      .filter(({name, value}) => /^on|^style$|srcdoc/i.test(name)
        || /^[\\x00-\\x20]*(javascript|vbscript|data)\\s*:/i.test(value) && name != "value")
      .map(({name, value}) => `${element.tagName} ${name}=${value}`)),
  ...[...document.querySelectorAll("a[href], area[href]")]
    .filter(link => !/^(https?|mailto|tel|feed):$/.test(link.protocol))
    .map(link => `to ${link.href}`),
  ...[...document.querySelectorAll(
    'script:not([src]):not([type="application/ld+json"]), iframe, object, embed, base')]
    .map(element => element.outerHTML),
]"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blog]:
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    blog = Blog(
        tmp_path_factory.mktemp("hostile"), site_url=f"http://127.0.0.1:{server.server_port}"
    )
    write_good(blog.settings.posts_dir)
    write_scripts(blog.settings.posts_dir)
    blog.look()
    for language in ("en", "ko"):
        blog.get(f"/{language}/feed.json?limit=100")
    blog.translate()
    server.app = blog.app
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield blog
    server.shutdown()


def watched(browser: Browser, blog: Blog, *, policy: bool) -> Page:
    context = browser.new_context(base_url=blog.settings.site_url, bypass_csp=not policy)
    context.set_default_timeout(30_000)
    context.add_init_script(WATCH)
    own = blog.settings.site_url
    context.route(lambda url: not url.startswith(own), lambda route: route.abort())
    return context.new_page()


def found(page: Page) -> list[str]:
    """What ran, or would."""
    told: list[str] = page.evaluate("ran") + page.evaluate(LATENT)
    return told


@pytest.mark.parametrize(("language", "policy", "step"), [("ja", False, 1), ("ko", True, 4)])
def test_no_post_runs_anything(
    browser: Browser, hostile: Blog, language: str, policy: bool, step: int
) -> None:
    page = watched(browser, hostile, policy=policy)
    posts = hostile.site.catalogue.posts
    assert len(posts) == len(SCRIPTS) + 3
    for post in posts[::step]:
        path = hostile.site.localizer.post_url(post, language)
        answer = page.goto(path, wait_until="domcontentloaded")
        assert answer is not None
        assert answer.status == 200
        assert found(page) == [], post.post.path
    page.context.close()


@pytest.mark.parametrize(("language", "policy"), [("ja", False), ("en", False), ("ko", True)])
def test_no_list_runs_anything(
    browser: Browser, hostile: Blog, language: str, policy: bool
) -> None:
    page = watched(browser, hostile, policy=policy)
    script = quote(SCRIPTS[1], safe="")
    paths = ["?limit=100", "tags/", "authors/", "categories/", "feed.atom?limit=100", "feed.html"]
    paths += [
        f"?q={script}",
        f"tags/{script}/",
        f"posts/{script}/",
        f"?tag={script}",
        f"?limit={script}",
    ]
    for path in paths:
        page.goto(f"/{language}/{path}", wait_until="domcontentloaded")
        assert found(page) == [], path
    page.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_feed_runs_anything_in_a_reader_that_cleans_nothing(
    browser: Browser, hostile: Blog, language: str
) -> None:
    """The content as HTML on an empty page, where no policy holds."""
    items = hostile.get(f"/{language}/feed.json?limit=100").get_json()["items"]
    assert len(items) == len(SCRIPTS) + 3
    page = watched(browser, hostile, policy=False)
    page.goto("/healthz")
    for start in range(0, len(items), 10):
        contents = [item["content_html"] for item in items[start : start + 10]]
        page.set_content("".join(f"<article>{html}</article>" for html in contents))
        assert page.locator("body > article").count() == len(contents)
        assert found(page) == [], start
    page.context.close()


def test_the_watch_sees_what_runs(browser: Browser, hostile: Blog) -> None:
    page = watched(browser, hostile, policy=False)
    page.goto("/healthz")
    page.set_content("<script>pwned()</script><a href='javascript:pwned()' onclick=pwned()>x</a>")
    assert len(found(page)) == 5
    page.context.close()
