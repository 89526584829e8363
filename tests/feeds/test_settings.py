from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from feeds.setting_values import SettingsError
from feeds.settings import Settings
from tests.support.archives import make_archive
from translate.options import TranslatorOptions
from translate.packages.installed import Packages
from translate.types import Pair


def load(tmp_path: Path, file: str = "", **environ: str) -> Settings:
    if file:
        (tmp_path / "feedglot.toml").write_text(file, "utf-8")
    return Settings.load(environ, tmp_path)


def test_defaults_stand_on_their_own(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.languages == ("ja", "en", "ko")
    assert settings.site_url == "http://127.0.0.1:8000"
    assert settings.blog_url == settings.site_url
    assert settings.database_url == "sqlite:///var/feedglot.sqlite3"


def test_the_address_follows_host_and_port(tmp_path: Path) -> None:
    assert load(tmp_path, HOST="10.0.0.7", PORT="9000").site_url == "http://10.0.0.7:9000"
    assert load(tmp_path, HOST="::1").site_url == "http://[::1]:8000"
    assert load(tmp_path, HOST="", PORT="").site_url == "http://127.0.0.1:8000"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "[::]"])
def test_a_host_that_means_every_address_needs_a_public_one(tmp_path: Path, host: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, HOST=host)
    said = str(caught.value)
    assert said.startswith(f"HOST={host.strip('[]')} means every address of this machine")
    assert "FEEDS_SITE_URL=https://feeds.example" in said
    assert "FEEDS_ID_AUTHORITY=feeds.example" in said
    settings = load(tmp_path, HOST=host, FEEDS_SITE_URL="https://feeds.test")
    assert settings.site_url == "https://feeds.test"


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("jp", "did you mean ja?"),
        ("jpn", "did you mean ja?"),
        ("japanes", "did you mean ja?"),
        ("EN", "did you mean en?"),
        ("pt_BR", "did you mean pt-br?"),
        ("xx", "write it as ja, or as pt-BR"),
    ],
)
def test_a_code_of_no_language_is_refused_with_the_one_that_was_meant(
    tmp_path: Path, code: str, meant: str
) -> None:
    for variable, value in (("FEEDS_LANGUAGES", f"ja,{code}"), ("FEEDS_LANGUAGE", code)):
        with pytest.raises(SettingsError) as caught:
            load(tmp_path, **{variable: value})
        assert str(caught.value) == f"{variable}: not a language code: {code!r}: {meant}"


def test_a_code_that_an_installed_package_translates_is_a_language(tmp_path: Path) -> None:
    settings = {"FEEDS_LANGUAGES": "ja,kab", "FEEDS_STATE_DIR": str(tmp_path)}
    with pytest.raises(SettingsError, match="kab"):
        load(tmp_path, **settings)
    archive = make_archive(tmp_path / "translate-ja_kab-1_0.argosmodel", Pair("ja", "kab"))
    Packages(tmp_path / "packages", unpack=tmp_path / "unpacked").install(archive)
    assert load(tmp_path, **settings).languages == ("ja", "kab")
    assert load(tmp_path, FEEDS_LANGUAGES="ja,pt-BR,zt").languages == ("ja", "pt-BR", "zt")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, 'limit = 5\nsite_title = "ブログ"', FEEDS_LIMIT="7")
    assert (settings.limit, settings.site_title) == (7, "ブログ")


def test_a_zone_is_a_zone(tmp_path: Path) -> None:
    zone = load(tmp_path, FEEDS_TIMEZONE="Asia/Tokyo").timezone
    assert zone.utcoffset(None) is None or zone.utcoffset(None) == timedelta(hours=9)


def test_lists_come_from_commas_or_toml_lists(tmp_path: Path) -> None:
    assert load(tmp_path, FEEDS_LANGUAGES="ja, ko").languages == ("ja", "ko")
    assert load(tmp_path, 'languages = ["ja", "en"]').languages == ("ja", "en")


def test_packages_are_chosen_by_language(tmp_path: Path) -> None:
    settings = load(
        tmp_path, FEEDS_TRANSLATE_WITH="ko=en, de=translate-en_de-1_9+translate-ja_en-1_1"
    )
    chosen = {"ko": "en", "de": "translate-en_de-1_9 translate-ja_en-1_1"}
    assert settings.preferences == chosen
    toml = load(tmp_path, 'translate_with = ["ko=en"]\ntranslate_threads = 3')
    assert (toml.preferences, toml.translate_threads) == ({"ko": "en"}, 3)


def test_the_translator_gets_its_options(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        FEEDS_TRANSLATE_WITH="ko=en",
        FEEDS_TRANSLATE_THREADS="3",
        FEEDS_TRANSLATE_BATCH="256",
        FEEDS_TRANSLATE_COMPUTE="int8",
    )
    told = settings.translator_options()
    assert (told.preferences, told.threads) == ({"ko": "en"}, 3)
    assert (told.batch_tokens, told.compute) == (256, "int8")
    assert TranslatorOptions.from_environment(told.to_environment()) == told


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    assert load(tmp_path, FEEDS_LIMIT="").limit == 20


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("FEEDS_LIMT", "5", "FEEDS_LIMT: unknown setting: did you mean FEEDS_LIMIT"),
        ("FEEDS_LIMIT", "many", "FEEDS_LIMIT: 'many': not a whole number"),
        ("FEEDS_WAIT", "soon", "FEEDS_WAIT: 'soon': not a number"),
        ("PORT", "abc", "PORT: 'abc' is not a port: write a number from 1 to 65535"),
        ("PORT", "99999", "PORT: '99999' is not a port"),
        ("FEEDS_SITE_URL", "http://0.0.0.0:8000", "means every address of this machine"),
        ("FEEDS_LIMIT", "0", "FEEDS_LIMIT: 0 is not within 1 to 100"),
        ("FEEDS_WAIT", "9", "FEEDS_WAIT: 9 is not within 0 to 4"),
        (
            "FEEDS_TIMEZONE",
            "Mars/Base",
            "not a time zone: write it as Asia/Tokyo",
        ),
        ("FEEDS_TRANSLATE_WITH", "en", "FEEDS_TRANSLATE_WITH: 'en' is not language=words"),
        ("FEEDS_TRANSLATE_COMPUTE", "fast", "'fast' is not one of auto, default, int8"),
        ("FEEDS_TRANSLATE_BATCH", "1", "FEEDS_TRANSLATE_BATCH: 1 is not within 64"),
        ("FEEDS_TRANSLATOR", "maybe", "FEEDS_TRANSLATOR: 'maybe': not one of"),
        ("FEEDS_SITE_URL", "blog.example", "FEEDS_SITE_URL: 'blog.example' is not a plain"),
        ("FEEDS_BLOG_URL", "https://u@h/?x", "FEEDS_BLOG_URL"),
        ("FEEDS_ICON", "data:image/png;base64,AA", "FEEDS_ICON: 'data:image/png;base64,AA' is not"),
        ("FEEDS_LOGO", "mailto:me@blog.example", "write it as https://blog.example/picture.png"),
        ("FEEDS_DATABASE_URL", "mysql://host/name", "FEEDS_DATABASE_URL: write it as sqlite:///"),
        ("FEEDS_DATABASE_URL", "redis://host/0", "FEEDS_DATABASE_URL: write it as sqlite:///"),
        ("FEEDS_DATABASE_URL", "sqlite://", "FEEDS_DATABASE_URL: processes cannot share"),
        ("FEEDS_DATABASE_URL", "sqlite:///:memory:", "FEEDS_DATABASE_URL: processes cannot share"),
        ("FEEDS_DATABASE_URL", "sqlite://var/a.db", "FEEDS_DATABASE_URL: write it as sqlite:///"),
        ("FEEDS_QUEUE_URL", "redis+sentinel://h/0", "FEEDS_QUEUE_URL: write it as sqlite:///"),
        ("FEEDS_QUEUE_URL", "redis://host:port", "or redis://host:port/number"),
        ("FEEDS_LANGUAGES", "ja,日本語", "not a language code: '日本語'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, variable: str, value: str, named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, **{variable: value})
    assert named in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://feeds@/name?host=/run/postgresql",
        "postgresql://feeds:p#s/w?d[1@127.0.0.1:5432/name",
        "sqlite:////var/lib/feedglot/feeds.db",
    ],
)
def test_a_database_is_named_as_sqlalchemy_reads_it(tmp_path: Path, url: str) -> None:
    assert load(tmp_path, FEEDS_DATABASE_URL=url).database_url == url


def test_a_client_library_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"FEEDS_QUEUE_URL: Redis .*'feedglot\[redis\]'"):
        load(tmp_path, FEEDS_QUEUE_URL="redis://queue.example/0")


def test_no_password_is_shown(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, FEEDS_DATABASE_URL="postgresql://feeds:s3cret@host:port/name")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("limt = 5", "limt: unknown setting: did you mean limit"),
        ("limit = 5.5", "FEEDS_LIMIT: 5.5: not a whole number"),
        ("limit = true", "FEEDS_LIMIT: True: not a whole number"),
        ("languages = 5", 'FEEDS_LANGUAGES: 5: not a list of texts: write it as ["a", "b"]'),
        ("site_title = 5", "FEEDS_SITE_TITLE: 5: not a text: put it in quotes"),
    ],
)
def test_a_wrong_value_of_the_file_says_the_kind_wanted(
    tmp_path: Path, line: str, said: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, line)
    assert said in str(caught.value)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"feedglot\.toml"):
        load(tmp_path, "limit = ")
