"""Pages as people meet them, in Chromium: every kind, language, width and colour scheme."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import TOKEN
from tests.support.blog import Blog

pytestmark = pytest.mark.slow

Visit = Callable[..., Page]

LANGUAGES = ("ja", "en", "ko")
PAGES = {
    "front": "/{}/",
    "tag": "/{}/tags/rss/",
    "tags": "/{}/tags/",
    "search": "/{}/?q=RSS",
    "post": "/{}/posts/harbor-datacenter/",
    "code": "/{}/posts/rss-atom-jsonfeed/",
    "late": "/{}/posts/late/",
    "feed": "/{}/feed.html",
    "status": "/status?lang={}",
    "missing": "/{}/tags/rs/",
    "wrong": "/{}/?limit=many",
}
STATUS = {"missing": 404, "wrong": 400}
# Links and controls outside running text that a finger would miss (WCAG 2.5.8).
SMALL = """() => {
  for (const it of document.querySelectorAll("details")) {
    it.removeAttribute("name");  // else one opened closes another
    it.open = true;
  }
  return [...document.querySelectorAll("a[href], button, summary, input")]
    .filter(it => it.checkVisibility({visibilityProperty: true}) && !it.closest(".body, .skip"))
    .map(it => [it.textContent.trim() || it.id, it.getBoundingClientRect()])
    .filter(([, {width, height}]) => width < 24 || height < 24)
    .map(([text, {width, height}]) => `${text}: ${width} x ${height}`);
}"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PAGES)
def test_every_page_fits_and_is_accessible(
    visit: Visit, shots: Path | None, kind: str, language: str
) -> None:
    """At 1280 and 390 pixels, light and dark: nothing sticks out, nothing fails axe, and a
    finger hits every link."""
    page = visit(PAGES[kind].format(language), STATUS.get(kind, 200))
    assert page.locator("html").get_attribute("lang") == language
    look_at(page, shots, f"{kind}-{language}")


def look_at(page: Page, shots: Path | None, name: str) -> None:
    for width, scheme in ((1280, "light"), (390, "light"), (1280, "dark"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(beyond) <= 0
        if shots:
            page.screenshot(
                path=shots / f"{name}-{width}-{scheme}.jpg",
                type="jpeg",  # a third of PNG's time
                quality=70,
                full_page=scheme == "light",
            )
        if (width == 1280) == (scheme == "light"):
            found = Axe().run(page, options={"rules": {"target-size": {"enabled": True}}})
            assert found.violations_count == 0, found.generate_report()
    assert page.evaluate(SMALL) == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_translation_is_corrected_without_a_script(
    visit: Visit, shots: Path | None, served: Blog, language: str
) -> None:
    """The page for it fits, and axe finds nothing, signed out and in, with an error and without."""
    path = f"/{language}/posts/rss-atom-jsonfeed/edit"
    page = visit(path)  # axe needs scripts, the page none
    look_at(page, shots, f"login-{language}")
    page.close()
    page = visit(path, java_script_enabled=False)
    page.locator("#token").fill(TOKEN)
    page.keyboard.press("Enter")
    expect(page.locator(".edits > li").nth(3)).to_be_visible()
    [cookie] = page.context.cookies()
    page.close()

    page = visit(path, later=400)
    page.context.add_cookies([{**cookie}])  # type: ignore[list-item]
    page.goto(path)
    form = page.locator(".edits > li", has=page.locator("p", has_text="<item>")).first
    form.locator("summary").click()
    form.locator("textarea").fill("!")
    form.locator("[value=set]").click()
    expect(form.locator("[role=alert]")).to_be_in_viewport()
    look_at(page, shots, f"edit-error-{language}")
    words = form.locator("textarea").get_attribute("maxlength")
    assert words == "2000"
    first = page.locator(".edits > li").first
    page.goto(path)  # with every form closed again
    first.locator("summary").click()
    first.locator("textarea").fill(f"Corrected <{language}>")
    first.locator("[value=set]").click()
    expect(first).to_contain_text(f"Corrected <{language}>")
    look_at(page, shots, f"edit-{language}")
    served.translate()
    # In windows of their own: a browser keeps a page for a minute.
    expect(visit(path.removesuffix("edit")).locator("h1")).to_have_text(f"Corrected <{language}>")
    first.locator("[value=undo]").click()
    expect(first.locator("[value=undo]")).to_have_count(0)
    served.translate()
    title = visit(path.removesuffix("edit")).locator("h1")
    expect(title).not_to_contain_text("Corrected")


def test_the_smallest_telephone_is_wide_enough(visit: Visit) -> None:
    for kind in ("front", "code", "status"):
        page = visit(PAGES[kind].format("ko"), viewport={"width": 360, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_subscribing_and_changing_the_language_take_no_mouse(visit: Visit) -> None:
    page = visit("/en/tags/rss/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    summary = page.locator(".subscribe > summary")
    for _ in range(20):
        page.keyboard.press("Tab")
        if summary.evaluate("it => it === document.activeElement"):
            break
    page.keyboard.press("Enter")
    address = page.locator(".subscribe input")
    expect(address).to_be_visible()
    page.keyboard.press("Tab")
    expect(address).to_be_focused()
    assert page.evaluate("getSelection().toString()").endswith("/en/tags/rss/feed.atom")
    page.keyboard.press("Escape")
    expect(address).to_be_hidden()
    expect(summary).to_be_focused()
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.textContent") == "한국어":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/ko/tags/rss/")


def test_the_address_is_copied(visit: Visit) -> None:
    page = visit("/ko/", permissions=["clipboard-read", "clipboard-write"])
    page.locator(".subscribe > summary").click()
    button = page.locator(".subscribe button")
    button.click()
    expect(button).to_have_text("복사했습니다")
    assert page.evaluate("navigator.clipboard.readText()").endswith("/ko/feed.atom")


def test_without_scripts_everything_but_comfort_is_there(visit: Visit) -> None:
    page = visit("/ko/", java_script_enabled=False)
    page.locator(".subscribe > summary").click()
    expect(page.locator(".subscribe input")).to_be_visible()
    expect(page.locator(".subscribe button")).to_be_hidden()
    expect(page.locator(".subscribe a", has_text="Feedly")).to_be_visible()
    page.locator("#q").fill("RSS")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ko/?q=RSS")
    page = visit("/ko/posts/harbor-datacenter/", java_script_enabled=False)
    page.locator(".compare > summary").click()
    expect(page.locator(".pairs tr").nth(1)).to_be_visible()
    page.locator(".languages a", has_text="English").click()
    page.wait_for_url("**/en/posts/harbor-datacenter/")


def test_text_in_the_original_is_marked(visit: Visit) -> None:
    page = visit("/ko/posts/harbor-datacenter/")
    kept = page.locator(".body.translated [lang=ja]").first
    assert "dotted" in kept.evaluate("it => getComputedStyle(it).textDecorationStyle")
    expect(page.locator(".state .kept")).to_be_visible()
    page.locator(".state a[href='#compare']").click()
    expect(page.locator("tr.stayed").first).to_be_visible()


def test_a_sentence_chosen_in_the_text_shows_its_original(visit: Visit, served: Blog) -> None:
    page = visit("/ko/posts/seoul-chip-startup/")
    page.locator(".body p").nth(1).click(position={"x": 12, "y": 12})
    gloss = page.locator(".gloss")
    expect(gloss).to_be_visible()
    shown = gloss.locator("p").inner_text()
    pairs = page.locator(".pairs td[lang=ja]").all_text_contents()
    assert shown in [pair.strip() for pair in pairs]
    gloss.locator("button").click()
    expect(gloss).to_be_hidden()


@pytest.mark.parametrize(("format", "source"), [("atom", "<feed"), ("rss", "<rss"), ("json", "{")])
def test_a_feed_opened_in_a_browser_is_a_page_and_its_source_is_a_click_away(
    visit: Visit, format: str, source: str
) -> None:
    page = visit(f"/en/tags/rss/feed.{format}")
    expect(page.locator("h1")).to_contain_text("RSS")
    address = page.locator(".panel input").input_value()
    assert address.endswith(f"/en/tags/rss/feed.{format}")
    assert page.locator(".entries > li").count() >= 3
    page.get_by_text("Show the source").click()
    page.wait_for_url("**raw=1")
    assert source in page.locator("body").inner_text()


def test_a_post_shows_its_translation_as_soon_as_it_is_there(visit: Visit, served: Blog) -> None:
    """And asks less and less often: not at all while nobody looks."""
    served.write("2026-11-21-soon.md", "もうすぐ訳される文です。", title="もうすぐ")
    served.look()
    page = visit("/en/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.install()
    page.goto("/en/posts/soon/")
    expect(page.locator("article")).to_have_attribute("lang", "ja")
    asked.clear()
    page.clock.run_for(2_000)
    assert asked == []
    with page.expect_response("**/api/posts/en/soon"):
        page.clock.run_for(4_000)
    served.translate()
    with page.expect_response("**/en/posts/soon/"):
        page.clock.run_for(8_000)
    expect(page.locator("article")).to_have_attribute("lang", "en")
    asked.clear()
    page.clock.run_for(120_000)
    assert asked == []


def test_the_control_room_keeps_itself_up_to_date(visit: Visit) -> None:
    page = visit("/en/")
    page.clock.install()
    page.goto("/status")
    with page.expect_response("**/status"):
        page.clock.run_for(11_000)
    expect(page.locator("h1")).to_have_text("Status")


def test_the_png_icons_show_what_the_svg_does(visit: Visit) -> None:
    page = visit("/en/")
    differs = page.evaluate(
        """async () => {
          const pixels = async name => {
            const image = new Image(180, 180);
            image.src = `/static/${name}`;
            await image.decode();
            const canvas = new OffscreenCanvas(180, 180).getContext("2d");
            canvas.fillStyle = "#b8321a";  // where the SVG has rounded corners
            canvas.fillRect(0, 0, 180, 180);
            canvas.drawImage(image, 0, 0, 180, 180);
            return canvas.getImageData(0, 0, 180, 180).data;
          };
          const wanted = await pixels("icon.svg");
          const far = async name => (await pixels(name)).reduce(
            (sum, value, at) => sum + (Math.abs(value - wanted[at]) > 64), 0) / wanted.length;
          return [await far("icon.png"), await far("apple-touch-icon.png")];
        }"""
    )
    assert max(differs) < 0.02
