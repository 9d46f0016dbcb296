"""Hands a text to the reviewer's own editor. Nothing of the text becomes part of a command or a file name."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from curator.errors import CuratorError


class NoEditorError(CuratorError):
    """There is no editor to hand a text to, or it failed."""

    title = "No editor"


def editor_command(environment: Mapping[str, str]) -> list[str]:
    """Return the command of the reviewer's editor.

    Raises:
        NoEditorError: Neither VISUAL nor EDITOR names one.
    """
    for name in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(environment.get(name, ""))
        except ValueError as error:
            raise NoEditorError(f"{name} cannot be read as a command: {error}.") from error
        if words:
            return words
    raise NoEditorError("Set VISUAL or EDITOR to the command of your editor, such as EDITOR=nano.")


def edited_text(text: str, name: str, environment: Mapping[str, str] = os.environ) -> str:
    """Open a text as a private file called ``name`` and return what it holds when the editor ends.

    Raises:
        NoEditorError: There is no editor, it does not start, it fails, or what it left is no UTF-8 text.
    """
    command = editor_command(environment)
    with TemporaryDirectory(prefix="curator-") as folder:
        path = Path(folder) / name
        path.write_text(text, "utf-8", errors="surrogatepass", newline="")
        try:
            done = subprocess.run([*command, str(path)], check=False)
            if done.returncode != 0:
                raise NoEditorError(f"{command[0]} ended with {done.returncode}; the text is as it was.")
            return _read(path, text)
        except OSError as error:
            raise NoEditorError(f"{command[0]}: {error.strerror}; the text is as it was.") from error
        except UnicodeDecodeError as error:
            raise NoEditorError("What the editor saved is no UTF-8 text; the text is as it was.") from error


def _read(path: Path, before: str) -> str:
    data = path.read_bytes()
    text = data.decode("utf-8", "surrogatepass")
    # Most editors end the last line, which a value that had no end of line does not want.
    return text[:-1] if text.endswith("\n") and not before.endswith("\n") else text
