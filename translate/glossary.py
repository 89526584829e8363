"""The terms that a blog wants translated one way, or not at all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glossary:
    """Terms to obey. The empty one obeys nothing."""
