"""flask config: what is in effect, who said so, and no secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from feeds.cli import service
from feeds.settings import Settings, setting_fields
from feeds.settings_report import explain
from infra.error_text import mask
from tests.support.blog import Blog


def test_each_setting_names_where_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / "feedglot.toml").write_text('site_title = "日記"\nlimit = 30\nwait = 1.5\n')
    environ = {"FEEDS_LIMIT": "40", "FEEDS_WAIT": "", "PORT": "9000", "FEEDS_HUBS": "https://h/"}
    settings = Settings.load(environ, tmp_path)
    told = {one.name: (one.value, one.origin) for one in explain(settings, environ, tmp_path)}
    assert told["site_title"] == ("日記", "feedglot.toml")
    assert told["limit"] == (40, "FEEDS_LIMIT")  # the environment wins
    assert told["wait"] == (1.5, "feedglot.toml")  # an empty variable says nothing
    assert told["hubs"] == (["https://h/"], "FEEDS_HUBS")
    assert told["site_url"] == ("http://127.0.0.1:9000", "PORT")
    assert told["timezone"] == ("UTC", "default")
    assert list(told) == [field.name for field in setting_fields()]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:pa@ss/w@db/x", "postgresql://me:***@db/x"),
        ("redis://:secret@queue:6379/0", "redis://:***@queue:6379/0"),
        ("postgresql://db/x?password=secret&a=1", "postgresql://db/x?password=***&a=1"),
        ("postgresql://me@db/x?sslpassword=secret", "postgresql://me@db/x?sslpassword=***"),
        ("https://secret@mirror.example/i.json", "https://***@mirror.example/i.json"),
        ("https://me:secret@mirror.example/", "https://***@mirror.example/"),
        ("https://hub.example/?a=1&api_key=secret", "https://hub.example/?a=1&api_key=***"),
        ("sqlite:///var/a.sqlite3", "sqlite:///var/a.sqlite3"),
        ("https://blog.example:8000/b", "https://blog.example:8000/b"),
    ],
)
def test_passwords_of_addresses_are_masked(url: str, shown: str) -> None:
    assert mask(url) == shown


def test_the_command_shows_all_of_it_but_the_secrets(tmp_path: Path) -> None:
    secret = f"sqlite:///{tmp_path}/var/x.sqlite3?password=hunter2"
    blog = Blog(tmp_path, admin_token="hunter2", queue_url=secret)
    service.register(blog.app)
    runner = blog.app.test_cli_runner()
    shown, as_json = runner.invoke(args=["config"]), runner.invoke(args=["config", "--json"])
    assert shown.exit_code == as_json.exit_code == 0
    assert "hunter2" not in shown.output + as_json.output
    assert "\x1b" not in shown.output
    rows = dict(line.split("\t")[:2] for line in shown.output.splitlines())
    assert rows["languages"] == "ja,en,ko"
    assert rows["admin_token"] == "***"
    assert json.loads(as_json.output)["languages"]["value"] == ["ja", "en", "ko"]
    assert "masked" in runner.invoke(args=["config", "--help"]).output
