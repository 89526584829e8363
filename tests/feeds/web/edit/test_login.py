"""Who may write: the token, a cookie that ends, forms of this service at its own host."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from itsdangerous import Signer
from werkzeug.test import TestResponse

from feeds.web.edit.login import ALL_TRIES, MAX_AGE, TRIES, Login, login
from tests.support.blog import SITE, Blog
from translate.memory.corrections import load_corrections
from translate.memory.memory import Memory

pytestmark = pytest.mark.slow

TOKEN = "a token of nobody's"
EDIT = "/en/posts/a/edit"
COOKIE = "__Secure-feedglot"
HERE = {"Origin": SITE}
WHERE: Any = {"domain": "feeds.example", "secure": True}


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path, engine="fake", admin_token=TOKEN, trusted_proxies=("127.0.0.1",))
    blog.write("2026-01-01-a.md", "今日は晴れです。明日は雨です。", title="題名です")
    blog.look()
    blog.get("/en/feed.atom")
    blog.translate()
    return blog


def send(
    client: FlaskClient,
    do: str,
    headers: Mapping[str, str] = HERE,
    base: str = SITE,
    **form: str,
) -> TestResponse:
    headers = {"Accept": "text/html", **headers}
    return client.post(EDIT, base_url=base, headers=headers, data={"do": do, **form})


def signed_in(blog: Blog) -> FlaskClient:
    client = blog.client
    assert send(client, "login", token=TOKEN).status_code == 303
    return client


def is_in(client: FlaskClient) -> bool:
    return "edits" in client.get(EDIT, base_url=SITE).text


def corrections(blog: Blog) -> list[str]:
    return [one.target for one in load_corrections(Memory(blog.site.engine))]


def key_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


SUNNY = key_of("今日は晴れです。")


def write(client: FlaskClient, headers: Mapping[str, str] = HERE, base: str = SITE) -> int:
    return send(client, "set", headers, base, sentence=SUNNY, target="Sunny!").status_code


class TestCookie:
    def test_it_is_for_this_service_alone_and_holds_no_token(self, blog: Blog) -> None:
        answer = send(blog.client, "login", token=f" {TOKEN}\n")
        assert (answer.status_code, answer.headers["Location"]) == (303, EDIT)
        cookie = answer.headers["Set-Cookie"]
        for said in (f"{COOKIE}=", "Secure", "HttpOnly", "SameSite=Strict", "Path=/;"):
            assert said in cookie
        assert f"Max-Age={MAX_AGE}" in cookie
        assert TOKEN not in cookie

    @pytest.mark.parametrize(
        ("site", "name", "path"),
        [
            ("http://127.0.0.1:8000", "feedglot", "/"),
            ("https://feeds.example/blog", COOKIE, "/blog/"),
        ],
    )
    def test_its_path_and_name_follow_the_address(
        self, blog: Blog, site: str, name: str, path: str
    ) -> None:
        blog.with_settings(site_url=site)
        blog.look()
        origin = site.removesuffix("/blog")
        answer = send(blog.client, "login", {"Origin": origin}, origin, token=TOKEN)
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith(f"{name}=")
        assert f"Path={path};" in f"{cookie};"
        assert ("Secure" in cookie.split("; ")) == site.startswith("https")
        assert answer.headers["Location"] == path.rstrip("/") + EDIT

    def test_it_holds_for_hours_on_every_node(self, blog: Blog) -> None:
        client, other = blog.client, Login(blog.settings)
        for age in (0, MAX_AGE - 60, -30):  # the clock of the other node may be ahead
            client.set_cookie(COOKIE, other.issue(time.time() - age), **WHERE)
            assert is_in(client)

    def test_not_longer(self, blog: Blog) -> None:
        client = blog.client
        for age in (MAX_AGE + 5, -3600):
            client.set_cookie(COOKIE, login(blog.app).issue(time.time() - age), **WHERE)
            assert not is_in(client)
            assert write(client) == 403

    def test_a_tampered_one_is_none(self, blog: Blog) -> None:
        good = login(blog.app).issue(time.time())
        when, _, signature = good.partition(".")
        guessed = Signer(TOKEN, salt="feedglot login", digest_method=hashlib.sha256)
        for bad in (
            f"{int(when) + 1}.{signature}",
            good[:-2],
            when,
            "",
            "\u00e9.\u00ff",
            guessed.sign(when).decode(),  # by the token itself
        ):
            client = blog.client
            client.set_cookie(COOKIE, bad, **WHERE)
            assert not is_in(client)
            assert write(client) == 403
        assert corrections(blog) == []

    def test_another_token_ends_it(self, blog: Blog) -> None:
        old = login(blog.app).issue(time.time())
        blog.with_settings(admin_token="another")
        blog.look()
        client = blog.client
        client.set_cookie(COOKIE, old, **WHERE)
        assert not is_in(client)

    def test_signing_out_takes_it_back(self, blog: Blog) -> None:
        client = signed_in(blog)
        assert is_in(client)
        assert send(client, "logout").status_code == 303
        assert not is_in(client)


OWN: tuple[dict[str, str], ...] = (
    {"Origin": SITE, "Sec-Fetch-Site": "same-origin"},
    {"Origin": "HTTPS://Feeds.Example:443"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Referer": f"{SITE}{EDIT}"},
)
FOREIGN: tuple[dict[str, str], ...] = (
    {"Origin": "https://evil.example"},
    {"Origin": "https://feeds.example.evil.example"},
    {"Origin": "http://feeds.example"},
    {"Origin": f"{SITE}:8443"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://["},
    {"Origin": "https://evil.example", "Referer": f"{SITE}{EDIT}"},
    {"Origin": SITE, "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Referer": f"{SITE}{EDIT}"},
    {"Sec-Fetch-Site": "none"},
    {"Referer": "https://evil.example/?https://feeds.example/"},
    {},
)


class TestForms:
    def test_a_form_of_this_service_is_taken_however_the_browser_says_it(self, blog: Blog) -> None:
        client = signed_in(blog)
        for headers in (HERE, *OWN):
            assert write(client, headers) == 303, headers
        assert corrections(blog) == ["Sunny!"]

    def test_one_of_another_site_is_not(self, blog: Blog) -> None:
        client = signed_in(blog)
        for headers in FOREIGN:
            assert write(client, headers) == 403, headers
            assert send(blog.client, "login", headers, token=TOKEN).status_code == 403
        assert corrections(blog) == []

    def test_nor_one_for_another_host(self, blog: Blog) -> None:
        """A name of theirs that leads here makes a page of theirs one of the same origin."""
        client = blog.app.test_client(use_cookies=False)
        cookie = {"Cookie": f"{COOKIE}={login(blog.app).issue(time.time())}"}
        form = {"do": "set", "sentence": SUNNY, "target": "Sunny!"}
        others = ("evil.example", "127.0.0.1:8000", "localhost", "feeds.example.evil.example", "[")
        for host in others:
            for origin in (SITE, f"https://{host}"):
                headers = {"Host": host, "Origin": origin, "Accept": "text/html", **cookie}
                answer = client.post(EDIT, headers=headers, data=form)
                assert answer.status_code == 421
                assert f"this page is at {SITE} only" in answer.text
                assert client.get(EDIT, headers=headers).status_code == 421
        assert corrections(blog) == []
        # Proxies lose the port.
        for host in ("Feeds.Example", "feeds.example:8443", "feeds.example."):
            assert "edits" in client.get(EDIT, headers={"Host": host, **cookie}).text

    def test_an_address_of_this_machine_is_no_right_to_write(self, blog: Blog) -> None:
        blog.with_settings(site_url="http://127.0.0.1:8000", trusted_proxies=())
        blog.look()
        local = "http://127.0.0.1:8000"
        assert blog.get("/metrics", base_url=local).status_code == 200
        assert write(blog.client, {"Origin": local}, local) == 403
        assert "edits" not in blog.get(EDIT, base_url=local).text
        assert corrections(blog) == []

    def test_the_token_as_a_header_is_none_either(self, blog: Blog) -> None:
        """Only a form writes; scripts have `flask memory`."""
        assert write(blog.client, HERE | {"Authorization": f"Bearer {TOKEN}"}) == 403


class TestTries:
    def wrong(self, blog: Blog, address: str, token: str = "guess") -> TestResponse:
        headers = HERE | {"X-Forwarded-For": address}
        return send(blog.client, "login", headers, token=token)

    def test_an_address_has_some_an_hour(self, blog: Blog) -> None:
        for _ in range(TRIES):
            assert self.wrong(blog, "192.0.2.1").status_code == 403
        refused = self.wrong(blog, "192.0.2.1", TOKEN)
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "360"
        assert "Set-Cookie" not in refused.headers
        assert "Too many wrong tokens. Try again in 6 min." in refused.text
        assert self.wrong(blog, "192.0.2.2", TOKEN).status_code == 303

    def test_a_household_is_one_address_and_a_claimed_one_counts_for_nothing(
        self, blog: Blog
    ) -> None:
        for n in range(TRIES):
            self.wrong(blog, f"203.0.113.{n}, 2001:db8::{n}")
        assert self.wrong(blog, "2001:db8::ffff").status_code == 429

    def test_all_together_have_a_bound_too(self, blog: Blog) -> None:
        for n in range(ALL_TRIES):
            assert self.wrong(blog, f"192.0.{n}.1").status_code == 403
        refused = self.wrong(blog, "198.51.100.1", TOKEN)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "36")

    def test_the_right_token_costs_none(self, blog: Blog) -> None:
        for _ in range(TRIES + 1):
            assert self.wrong(blog, "192.0.2.1", TOKEN).status_code == 303

    def test_whoever_is_in_stays_in(self, blog: Blog) -> None:
        client = signed_in(blog)
        for n in range(ALL_TRIES):
            self.wrong(blog, f"192.0.{n}.1")
        assert write(client) == 303


def test_without_a_token_there_is_no_page(blog: Blog) -> None:
    for token in ("", " "):
        blog.with_settings(admin_token=token)
        blog.look()
        client = blog.client
        answer = client.get(EDIT, base_url=SITE)
        assert answer.status_code == 404
        assert answer.json["detail"] == "set FEEDS_ADMIN_TOKEN to correct sentences here"
        for given in ("", " ", "x"):
            assert send(client, "login", token=given).status_code == 404
        assert write(client) == 404
