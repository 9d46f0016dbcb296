"""Finds what registers itself: adding a reader, a check or a rule is adding one file."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules


def load_modules(package: str) -> None:
    """Import every module that stands directly in a package, so that it registers what it defines."""
    for module in iter_modules(import_module(package).__path__):
        import_module(f"{package}.{module.name}")
