"""What no translation may change, and names put right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translate.text import edits, placeables


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("詳細はhttps://example.org/a_(b)?c=1。", ("https://example.org/a_(b)?c=1",)),
        ("See https://example.org/a.", ("https://example.org/a",)),
        ("連絡はa.b+c@example.co.jpまで", ("a.b+c@example.co.jp",)),
        ("@naverと#AIの話、C#とF#、#1、#日本", ("@naver", "#AI")),
        ("今日は #日本 の話", ("#日本",)),
        ("Ruby 2.6.0-preview1が出た。3.4.1も", ("2.6.0-preview1", "3.4.1")),
        ("価格は1.5倍、2026.01.31から、192.168.0.1で", ("192.168.0.1",)),
        ("CVE-2024-27281とGPT-4、[Bug #14330]、#1", ("CVE-2024-27281", "#14330")),
        ("v1.2.3とVersion1.2.4、ver.1.2.5、Qwen2.5.1", ("1.2.3", "1.2.4", "1.2.5", "2.5.1")),
        ("1.2.3〜1.2.5、1.3.0..1.3.2", ("1.2.3", "1.2.5", "1.3.0", "1.3.2")),
        ("1.0.0-beta.2と1.0.0-SNAPSHOT", ("1.0.0-beta.2", "1.0.0-SNAPSHOT")),
        ("22.04.5LTSの3.2.1節、2026.13.1版", ("22.04.5", "3.2.1", "2026.13.1")),
        ("It is 1.2.3-compatible since 2026.01.31.", ("1.2.3",)),
        ("TEL-03-1234-5678と1234567890123456ウォン", ()),
        (
            "２．６．０は＃1234、https://example.org/a，B",
            ("2.6.0", "#1234", "https://example.org/a"),
        ),
        ("src/main.rsとpackage.jsonを読む", ("src/main.rs", "package.json")),
        ("libssl.so.3、docker-compose.yml。", ("libssl.so.3", "docker-compose.yml")),
        ("/etc/hostsと~/.bashrc、.envと./run.sh", ("/etc/hosts", "~/.bashrc", ".env", "./run.sh")),
        (
            "news.my-site.orgのmax_tokens、HTTP_PROXY",
            ("news.my-site.org", "max_tokens", "HTTP_PROXY"),
        ),
        ("github.com/a/b-cと.github/flows/ci.yml", ("github.com/a/b-c", ".github/flows/ci.yml")),
        ("docs.python.org/3/os.htmlの404.html", ("docs.python.org/3/os.html", "404.html")),
        ("APIは/v1/chat、--max_size=1とT_T", ("/v1/chat", "--max_size")),
        ("画像/PDF/音声、設計/UI/UX、約/10/20人", ()),
        ("Node.jsとBooking.com、Next.jsの話", ()),
        ("최신 버전입니다.npm을 씁니다", ()),
        ("__init__.pyのget_user()と--no-cache", ("__init__.py", "get_user", "--no-cache")),
        ("Read config.toml. Then /v1/chat.", ("config.toml", "/v1/chat")),
        ("e.g. the U.S. and ASP.NET、Mr.Smith、10.5kmでa.m.", ()),
        ("TCP/IP、HTTP/2、24/7、km/h、and/or、I/O", ()),
        ("md5sumは8b8a614f1d039562e33e8a8c54ffdf2fです", ("8b8a614f1d039562e33e8a8c54ffdf2f",)),
    ],
)
def test_literals_are_found(text: str, found: tuple[str, ...]) -> None:
    assert placeables.find_literals(text) == found


@given(st.text(alphabet="aAf05.-_/~#@$\\:w (日", max_size=20))
def test_no_literal_is_without_a_sign_of_one(text: str) -> None:
    found = [match.span() for match in placeables.LITERAL.finditer(text)]
    assert list(placeables.literal_spans(text)) == found


@pytest.mark.parametrize(
    ("source", "target", "repaired"),
    [
        ("2.6.0-preview1が出た", "2.6.0-preiew1 is out", "2.6.0-preview1 is out"),
        ("２．６．０が出た", "２.６.00 is out", "2.6.0 is out"),
        ("2.6.0が出た", "It is out, 1.9.3", "It is out, 1.9.3"),
        ("2.6.0と2.6.1が出た", "2.6.0 and 2.6.11 are out", "2.6.0 and 2.6.1 are out"),
        ("2.6.0が出た", "2.6.00 is out: 2.6.00", "2.6.00 is out: 2.6.00"),
        ("libssl.so.3がない", "No libsl.so.3.", "No libssl.so.3."),
        ("/etc/nginx.confを", "Edit / etc/nginx.conf.", "Edit /etc/nginx.conf."),
        ("~/.bashrcに", "Write it to .bashrc.", "Write it to ~/.bashrc."),
        ("関数get_user()は", "The functionget_user() is", "The function get_user() is"),
        ("設定は.envに", "The settings.env file", "The settings .env file"),
        ("README.mdに", "Read the Readme.md", "Read the README.md"),
        ("2.6.0が出た", "12.6.0 is out", "2.6.0 is out"),
        ("example.comへ", "https://example.com", "example.com"),
        ("main.rsを", "src/main.rs is", "main.rs is"),
        ("./run.shを", "Ready. run.sh is run", "Ready. ./run.sh is run"),
    ],
)
def test_garbled_literals_are_put_right(source: str, target: str, repaired: str) -> None:
    assert edits.apply(placeables.repair(source, target), target, None)[0] == repaired


def test_names_are_latin_words_with_capitals() -> None:
    text = "NAVERのHyperCLOVA XとiPhone、GPT-4oはgood。https://Example.org/A"
    assert placeables.find_names(text) == ("NAVER", "HyperCLOVA", "iPhone", "GPT-4o")


@pytest.mark.parametrize(
    ("source", "target", "repaired"),
    [
        ("UpstageとLG", "Ustage and LG", "Upstage and LG"),
        ("Upstageの話", "LG andUpstage's story", "LG and Upstage's story"),
        ("Solarの話", "Solararar is here", "Solar is here"),
        ("NAVER CLOUDの話", "NAVERCLOUD's growth", "NAVER CLOUD's growth"),
        ("apt-getより速い", "faster thanapt-get", "faster than apt-get"),
        ("autoから4へ", "changed fromauto to 4", "changed from auto to 4"),
        ("sideを使う", "Use the inside", "Use the inside"),
        ("e-mailの話", "about e-mails", "about e-mails"),
        ("self-hostできる", "It can be self-hosted", "It can be self-hosted"),
        ("real-timeの話", "near-real-time systems", "near-real-time systems"),
        ("Node.jsを使う", "I use NodeJS for it", "I use Node.js for it"),
        ("Appleの話", "They apply it", "They apply it"),
        ("LLMの話", "LLMs are here", "LLMs are here"),
        ("Solarの話", "Solars are here", "Solars are here"),
        ("会社の話", "A company, Ustage", "A company, Ustage"),
    ],
)
def test_misspelled_names_are_put_right(source: str, target: str, repaired: str) -> None:
    assert edits.apply(placeables.repair_names(source, target), target, None)[0] == repaired
