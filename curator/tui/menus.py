"""What the one-key menus share: they also take a key that was typed before they stood."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.screen import ModalScreen


def take_early_keys(menu: ModalScreen[Any], keys: Iterable[str]) -> None:
    """Bind the keys of a menu to its action ``take``.

    Fast typists press the second key while the first one still opens the menu. Such a key was sent to the
    screen below, which hands it to the bindings of the menu that stands by then, not to its ``on_key``.
    """
    for key in keys:
        menu._bindings.bind(key, f"take({key!r})", show=False)
