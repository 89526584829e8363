"""The container files name what there is: settings, commands, files of the build."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from feeds.settings import setting_fields

ROOT = Path(__file__).parents[2]
IMAGE = (ROOT / "deploy" / "Containerfile").read_text("utf-8")
COMPOSE = (ROOT / "deploy" / "compose.yaml").read_text("utf-8")
SETTINGS = {f"FEEDS_{field.name.upper()}" for field in setting_fields()}


def test_compose_passes_on_what_a_blog_sets() -> None:
    web = yaml.safe_load(COMPOSE)["services"]["web"]["environment"]
    translator = yaml.safe_load(COMPOSE)["services"]["translator"]["environment"]
    assert {*web, *translator} <= SETTINGS
    for name in ("SITE_URL", "ID_AUTHORITY", "BLOG_URL", "SITE_TITLE", "TIMEZONE", "LANGUAGES"):
        assert f"FEEDS_{name}" in web, name
    assert {"FEEDS_ADMIN_TOKEN", "FEEDS_GLOSSARY", "FEEDS_PACKAGES_DIR"} <= web.keys()
    # What decides a translation must be the same on both sides.
    shared = {"FEEDS_LANGUAGE", "FEEDS_LANGUAGES", "FEEDS_GLOSSARY", "FEEDS_TRANSLATE_WITH"}
    assert shared | {"FEEDS_PACKAGES_DIR", "FEEDS_DATABASE_URL"} <= translator.keys()


def test_the_image_gives_the_address_that_its_host_needs() -> None:
    assert set(re.findall(r"FEEDS_[A-Z_]*[A-Z]", IMAGE)) <= SETTINGS
    assert "HOST=0.0.0.0" in IMAGE
    assert re.search(r"^ .*FEEDS_SITE_URL=http://localhost:8000", IMAGE, re.M)
    assert 'CMD ["feedglot", "serve"]' in IMAGE
