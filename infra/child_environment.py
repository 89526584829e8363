"""The environment of child processes that need no secret of the service."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from infra.command_name import VARIABLE

_NAMES = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TZ", "TMPDIR", "VIRTUAL_ENV", "LANG"}
_NAMES |= {VARIABLE}
# Of the dynamic loader, Python, locales, libraries that compute, clients of databases, and of
# an engine of the owner's own (FEEDS_ENGINE=module:function).
_PREFIXES = (
    "LC_",
    "LD_",
    "DYLD_",
    "PYTHON",
    "OMP_",
    "MKL_",
    "KMP_",
    "GOMP_",
    "OPENBLAS_",
    "CT2_",
    "CUDA_",
    "NVIDIA_",
    "MALLOC_",
    "XDG_",
    "ENGINE_",
    "SSL_",
    "PG",
)
_SECRETS = ("PGPASSWORD", "PGPASSFILE", "PGSERVICEFILE")


def minimal_environment(
    environ: Mapping[str, str] | None = None, *, database: bool = False
) -> dict[str, str]:
    """What of the environment a child needs; `database`: also what PostgreSQL's client reads."""
    given = os.environ if environ is None else environ
    return {
        name: value
        for name, value in given.items()
        if (name in _NAMES or name.startswith(_PREFIXES)) and (database or name not in _SECRETS)
    }


@contextmanager
def minimal() -> Iterator[None]:
    """A block in which children inherit no more than `minimal_environment`."""
    before = dict(os.environ)
    for name in before.keys() - minimal_environment(before).keys():
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(before)
