"""What several of these tests use: the starter packages, the line of work."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from sqlalchemy import Engine

from translate.engines.argos import ArgosEngine
from translate.jobs.queue import TranslationQueue
from translate.jobs.results import Results
from translate.packages.installed import Packages
from translate.types import Hop, Pair

# Gigabytes that nothing else needs: not collected where they are not.
_HERE = find_spec("torch") and find_spec("transformers")
collect_ignore = [] if _HERE else ["packages/test_transformers.py"]


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """The starter set, unpacked once for all tests of this process."""
    state = tmp_path_factory.mktemp("state")
    return Packages(state / "packages", unpack=state / "unpacked")


@pytest.fixture(scope="module")
def loaded(packages: Packages) -> ArgosEngine:
    return ArgosEngine(packages, threads=1)


@pytest.fixture(scope="module")
def hop(loaded: ArgosEngine) -> Hop:
    return loaded.path(Pair("ja", "en"))[0]


@pytest.fixture
def queue(database: Engine) -> TranslationQueue:
    return TranslationQueue(database)


@pytest.fixture
def results(database: Engine) -> Results:
    return Results(database)
