"""One sentence corrected on the page: what is listed, stored, served and refused."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import html as lxml_html
from protego import Protego
from werkzeug.test import TestResponse

from feeds.cli.models import register
from feeds.model.messages import say
from tests.support.blog import SITE, Blog
from translate.engines.fake import FakeEngine
from translate.memory.corrections import Correction, add_corrections, load_corrections
from translate.memory.memory import Memory
from translate.types import Decoding, Hop, Hypothesis, Pair

pytestmark = pytest.mark.slow

TOKEN = "secret"
EDIT = "/en/posts/a/edit"
SUNNY, RAINY = "今日は晴れです。", "明日は雨です。"
CODE = "flask runを実行します。"
LINKS = "赤と青です。"


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path, engine="fake", admin_token=TOKEN)
    body = f"{SUNNY}{RAINY}\n\n`flask run`を実行します。\n\n[赤](/1)と[青](/2)です。\n\nRSS 2.0\n"
    blog.write("2026-01-01-a.md", body, title="題名です")
    blog.write("2026-01-02-b.md", SUNNY, title="別の題名です")
    blog.look()
    for language in ("en", "ko"):
        blog.get(f"/{language}/feed.atom")
    blog.translate()
    return blog


class Garbling(FakeEngine):
    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[list[Hypothesis]]:
        return [[Hypothesis("bad bad bad bad", -0.1)] for _ in sentences]


class Editor:
    """A person with the page open."""

    def __init__(self, blog: Blog, path: str = EDIT) -> None:
        self.client: FlaskClient = blog.client
        self.path = path
        assert self.send("login", token=TOKEN).status_code == 303

    def send(self, do: str, **form: str) -> TestResponse:
        return self.client.post(
            self.path,
            base_url=SITE,
            headers={"Origin": SITE, "Accept": "text/html"},
            data={"do": do, **form},
            content_type="multipart/form-data",
        )

    def correct(self, source: str, target: str) -> TestResponse:
        return self.send("set", sentence=key_of(source), target=target)

    def undo(self, source: str) -> TestResponse:
        return self.send("undo", sentence=key_of(source))

    def look(self) -> TestResponse:
        return self.client.get(self.path, base_url=SITE)

    def rows(self) -> dict[str, str]:
        """What the page says of each sentence, forms left out."""
        found = {}
        for row in lxml_html.fromstring(self.look().text).xpath("//ol[@class='edits']/li"):
            for form in row.xpath(".//form | .//details"):
                form.drop_tree()
            source, said = row.xpath("./p")[0], row.xpath("./div")[0]
            found[source.text_content()] = " | ".join(
                " ".join(p.text_content().split()) for p in said.xpath("./p")
            )
        return found


def key_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def alert(answer: TestResponse) -> str:
    [said] = lxml_html.fromstring(answer.text).xpath("//*[@role='alert']")
    return str(said.text_content())


def corrections(blog: Blog) -> dict[str, str]:
    return {one.source: one.target for one in load_corrections(Memory(blog.site.engine))}


def served(blog: Blog, path: str = "/en/feed.atom") -> str:
    return " ".join(entry.content[0].value for entry in blog.feed(path).entries)


class TestCorrecting:
    def test_readers_of_every_post_with_the_sentence_get_it(self, blog: Blog) -> None:
        editor = Editor(blog)
        answer = editor.correct(SUNNY, "  Sunny\r\n today! ")
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"{EDIT}#s-{key_of(SUNNY)}"
        assert corrections(blog) == {SUNNY: "Sunny today!"}
        said = editor.rows()[SUNNY]
        words, maker = said.split(" | ")
        assert words == "Sunny today!"
        assert maker == "Translated by a person · saved; readers get it in a few seconds"
        assert blog.translate() == 1  # this post at once, the others in the background
        assert "Sunny today!" in served(blog)
        assert editor.rows()[SUNNY] == "Sunny today! | Translated by a person"

    def test_on_every_node(self, blog: Blog, tmp_path: Path) -> None:
        other = Blog(tmp_path, engine="fake", admin_token=TOKEN)
        other.look()
        etag = other.get("/en/feed.atom").headers["ETag"]
        Editor(blog).correct(SUNNY, "Sunny today!")
        assert Editor(other).rows()[SUNNY].startswith("Sunny today! |")
        other.translate()  # the translator of whichever node
        assert other.get("/en/feed.atom").headers["ETag"] != etag
        assert "Sunny today!" in served(other)
        assert "Sunny today!" in served(blog)
        assert "Sunny today!" in blog.get("/en/posts/a/").text

    def test_it_is_the_same_as_by_the_command(self, blog: Blog) -> None:
        register(blog.app)
        Editor(blog).correct(SUNNY, "Mine.")
        run = blog.app.test_cli_runner().invoke
        said = run(args=["memory", "set", "--to", "en", SUNNY, "Mine."])
        assert "known already" in said.output
        run(args=["memory", "set", "--to", "en", SUNNY, "The command's."])
        assert Editor(blog).rows()[SUNNY].startswith("The command's. |")

    def test_titles_are_sentences_too(self, blog: Blog) -> None:
        Editor(blog).correct("題名です", "A Title & More")
        blog.translate()
        assert blog.feed("/en/feed.atom").entries[1].title == "A Title & More"

    def test_other_languages_keep_their_words(self, blog: Blog) -> None:
        before = served(blog, "/ko/feed.atom")
        Editor(blog).correct(SUNNY, "Sunny today!")
        blog.translate()
        assert served(blog, "/ko/feed.atom") == before

    def test_undo_goes_back_step_by_step_to_the_machine(self, blog: Blog) -> None:
        editor = Editor(blog)
        machine = editor.rows()[SUNNY]
        assert machine.endswith("| machine translation")
        for text in ("First.", "Second."):
            editor.correct(SUNNY, text)
        blog.translate()
        assert editor.undo(SUNNY).status_code == 303
        assert corrections(blog) == {SUNNY: "First."}
        blog.translate()
        assert "First." in served(blog)
        editor.undo(SUNNY)
        assert corrections(blog) == {}
        assert editor.rows()[SUNNY].endswith("machine's words return in a few seconds")
        blog.translate()
        assert editor.rows()[SUNNY] == machine
        assert editor.undo(SUNNY).status_code == 303  # nothing is left to take back

    def test_a_correction_made_elsewhere_in_bulk_shows_and_can_be_taken_back(
        self, blog: Blog
    ) -> None:
        mine = Correction(pair=Pair("ja", "en"), source=RAINY, target="From a TMX file.")
        add_corrections(Memory(blog.site.engine), [mine])
        editor = Editor(blog)
        assert editor.rows()[RAINY].startswith("From a TMX file. |")
        editor.undo(RAINY)
        assert corrections(blog) == {}

    def test_a_post_that_was_given_up_is_mended_sentence_by_sentence(self, tmp_path: Path) -> None:
        blog = Blog(tmp_path, engine="fake", admin_token=TOKEN)
        blog.write("2026-01-01-a.md", SUNNY, title="題名です")
        blog.look()
        blog.engine = Garbling()
        blog.get("/en/feed.atom")
        blog.translate()
        assert blog.site.given_up()
        editor = Editor(blog)
        # A word of the gate's, not the page's.
        assert editor.rows()[SUNNY].startswith("stayed in the original")
        editor.correct(SUNNY, "Sunny today!")
        editor.correct("題名です", "A title")
        blog.translate()
        assert not blog.site.given_up()
        assert "Sunny today!" in served(blog)

    def test_without_a_translation_yet_it_waits_for_it(self, blog: Blog) -> None:
        blog.write("2026-01-03-new.md", "新しい文です。", title="新しい題名です")
        blog.look()
        editor = Editor(blog, "/en/posts/new/edit")
        assert editor.rows()["新しい文です。"] == "not translated yet"
        editor.correct("新しい文です。", "A new one.")
        blog.translate()
        assert "A new one." in served(blog)

    def test_a_glossary_that_cannot_be_read_is_said(self, blog: Blog, tmp_path: Path) -> None:
        (tmp_path / "terms.yml").write_text("- [", "utf-8")
        blog.with_settings(glossary=tmp_path / "terms.yml")
        blog.write("2026-01-03-new.md", "新しい文です。", title="新しい題名です")
        blog.look()
        assert Editor(blog).look().status_code == 200
        answer = Editor(blog, "/en/posts/new/edit").look()
        assert answer.status_code == 503
        assert "the glossary cannot be used" in answer.text


class TestList:
    def test_it_says_who_made_what(self, blog: Blog) -> None:
        rows = Editor(blog).rows()
        assert set(rows) == {"題名です", SUNNY, RAINY, CODE, LINKS}  # RSS 2.0 is for everybody
        assert all(said.endswith("| machine translation") for said in rows.values())

    def test_it_speaks_the_language_of_the_page(self, blog: Blog) -> None:
        for language in ("en", "ko"):
            page = Editor(blog, f"/{language}/posts/a/edit").look()
            tree = lxml_html.fromstring(page.text)
            assert tree.get("lang") == page.headers["Content-Language"] == language
            assert say(language, "edit") in page.text
            summaries = {one.text_content() for one in tree.xpath("//summary")}
            assert summaries == {say(language, "edit_one")}

    def test_a_switched_off_translator_is_said(self, blog: Blog) -> None:
        editor = Editor(blog)
        assert say("en", "not_translating") in editor.look().text

    def test_what_a_person_wrote_whole_has_nothing_to_correct(self, blog: Blog) -> None:
        blog.write("2026-01-04-c.md", "文です。", title="題です")
        blog.write("2026-01-04-c.en.md", "All mine.", title="Mine", excerpt="Mine.")
        blog.look()
        page = Editor(blog, "/en/posts/c/edit").look()
        assert say("en", "edit_nothing") in page.text

    def test_the_original_has_no_page_and_names_those_of_the_others(self, blog: Blog) -> None:
        answer = blog.get("/ja/posts/a/edit", base_url=SITE)
        assert answer.status_code == 404
        assert [one["url"] for one in answer.json["nearest"]] == [
            f"{SITE}/{code}/posts/a/edit" for code in ("en", "ko")
        ]

    def test_what_is_not_there_is_not_found(self, blog: Blog) -> None:
        client = Editor(blog).client
        how = {"base_url": SITE, "headers": {"Origin": SITE}}
        for path in ("/en/posts/none/edit", "/fr/posts/a/edit", "/en/posts//edit"):
            assert client.get(path, **how).status_code == 404
            assert client.post(path, data={"do": "set"}, **how).status_code == 404


class TestRefusals:
    def test_each_is_said_in_one_line(self, blog: Blog) -> None:
        editor = Editor(blog)
        for source, target, said in (
            (SUNNY, " \n", "The translation is empty."),
            (SUNNY, "a" * 2_001, "The translation is longer than 2,000 characters."),
            ("ない文。", "x", "This sentence is no longer in the post. Nothing was saved."),
            ("RSS 2.0", "x", "This sentence is no longer in the post. Nothing was saved."),
            (CODE, "Run it.", "The translation must have this, as the original does: flask run"),
            (
                LINKS,
                "!",
                say("en", "edit_crowded"),
            ),
        ):
            answer = editor.correct(source, target)
            assert answer.status_code == 400
            assert alert(answer) == said
        assert corrections(blog) == {}

    def test_what_was_typed_is_not_lost(self, blog: Blog) -> None:
        answer = Editor(blog).correct(CODE, "Run <it> & go.")
        [field] = lxml_html.fromstring(answer.text).xpath("//details[@open]//textarea")
        assert field.text_content().strip() == "Run <it> & go."
        assert field.get("aria-describedby") == f"e-{key_of(CODE)}"
        headers = {"Origin": SITE, "Accept": "text/html"}
        form = {"do": "set", "sentence": key_of(CODE), "target": "Typed for an hour."}
        out = blog.client.post(EDIT, base_url=SITE, headers=headers, data=form)
        assert out.status_code == 403
        assert "Typed for an hour." in out.text
        assert alert(out).startswith("You are not signed in, and nothing was saved.")

    def test_code_that_is_there_is_taken(self, blog: Blog) -> None:
        assert Editor(blog).correct(CODE, "Execute flask run now.").status_code == 303
        blog.translate()
        assert "Execute <code>flask run</code> now." in served(blog)

    def test_a_sentence_that_was_edited_meanwhile_is_gone(self, blog: Blog) -> None:
        editor = Editor(blog)
        blog.write("2026-01-01-a.md", RAINY, title="題名です")
        blog.look()
        assert alert(editor.correct(SUNNY, "Sunny!")).startswith("This sentence is no longer")
        assert corrections(blog) == {}

    def test_nothing_else_can_be_done(self, blog: Blog) -> None:
        editor = Editor(blog)
        for do in ("", "delete", "<script>"):
            answer = editor.send(do)
            assert answer.status_code == 400
            assert "<script>" not in answer.text

    def test_a_form_of_megabytes_is_not_read(self, blog: Blog) -> None:
        assert Editor(blog).correct(SUNNY, "a" * 20_000).status_code == 413
        assert corrections(blog) == {}

    def test_the_longest_text_fits_into_a_form_of_either_kind(self, blog: Blog) -> None:
        editor = Editor(blog)
        assert editor.correct(SUNNY, "가나" * 1_000).status_code == 303
        assert corrections(blog) == {SUNNY: "가나" * 1_000}


class TestMarkup:
    HOSTILE = "</textarea><script>alert(1)</script><b onclick=x>&lt;\x0b\x01"

    def test_it_is_text_everywhere(self, blog: Blog) -> None:
        editor = Editor(blog)
        assert editor.correct(SUNNY, self.HOSTILE).status_code == 303
        blog.translate()
        kept = self.HOSTILE.removesuffix("\x0b\x01")
        assert corrections(blog) == {SUNNY: kept}
        for page in (editor.look().text, blog.get("/en/posts/a/").text):
            assert not re.search("<script>alert|<b onclick", page)
        [field] = [
            field
            for field in lxml_html.fromstring(editor.look().text).xpath("//textarea")
            if "alert" in field.text_content()
        ]
        assert field.text_content().strip() == kept
        entries = blog.get("/en/feed.json").json["items"]
        bodies = [blog.get(f"/en/feed.{format}").text for format in ("rss", "atom")]
        for body in (*bodies, *(entry["content_html"] for entry in entries)):
            assert not re.search("<script>alert|<b onclick", body)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in served(blog)


def state(blog: Blog) -> tuple[dict[str, str], int, int]:
    queued = sum(counts.pending for counts in blog.site.results.counts().values())
    return corrections(blog), blog.site.results.latest(), queued


def test_looking_never_writes(blog: Blog) -> None:
    blog.write("2026-01-03-new.md", "新しい文です。", title="新しい題名です")
    blog.look()
    before = state(blog)
    client = Editor(blog).client
    query = {"do": "set", "sentence": key_of(SUNNY), "target": "Sunny!"}
    for path in (EDIT, "/en/posts/new/edit"):
        for ask in (client.get, client.head):
            for who in (ask, getattr(blog.client, ask.__name__)):
                answer = who(path, base_url=SITE, query_string=query, headers={"Origin": SITE})
                assert answer.status_code == 200
    for method in ("PUT", "DELETE", "PATCH"):
        answer = client.open(EDIT, base_url=SITE, method=method, headers={"Origin": SITE})
        assert answer.status_code == 405
    assert state(blog) == before


class TestCaches:
    def answers(self, blog: Blog) -> Iterator[TestResponse]:
        editor = Editor(blog)
        yield editor.send("login", token="wrong")
        yield editor.send("login", token=TOKEN)
        yield editor.look()
        yield editor.client.head(EDIT, base_url=SITE)
        yield editor.correct(SUNNY, "")
        yield editor.correct(SUNNY, "x")
        yield editor.send("nothing")
        yield editor.client.get("/en/posts/none/edit", base_url=SITE)
        yield editor.client.get(EDIT, base_url="https://evil.example")
        yield editor.client.post(EDIT, base_url=SITE)
        yield editor.send("logout")

    def test_no_answer_is_kept_or_indexed_or_framed(self, blog: Blog) -> None:
        for answer in self.answers(blog):
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
            assert "Access-Control-Allow-Origin" not in answer.headers
            if answer.mimetype == "text/html":
                policy = answer.headers["Content-Security-Policy"]
                assert "script-src 'self'" in policy
                assert "form-action 'self'" in policy
                assert "frame-ancestors 'none'" in policy

    def test_search_engines_see_the_ban_and_no_link(self, blog: Blog) -> None:
        rules = Protego.parse(blog.get("/robots.txt").text)
        # A page that may not be fetched cannot say that it is not to be listed.
        assert rules.can_fetch(SITE + EDIT, "AnyBot")
        page = blog.get(EDIT, base_url=SITE).text
        assert '<meta name="robots" content="noindex, nofollow">' in page
        assert "canonical" not in page
        assert "hreflang" not in re.sub("(?s)<body.*", "", page)
        assert "/edit" not in blog.get("/sitemap.xml").text

    def test_public_pages_are_the_same_for_whoever_is_in(self, blog: Blog) -> None:
        client = Editor(blog).client
        for path in ("/en/", "/en/posts/a/", "/ko/posts/a/"):
            inside, outside = client.get(path, base_url=SITE), blog.get(path, base_url=SITE)
            assert inside.data == outside.data
            assert inside.headers["Cache-Control"].startswith("public")
            assert "Cookie" not in inside.headers.get("Vary", "")
            assert 'method="post"' not in inside.text
            assert "/edit" not in inside.text
