"""The command line: one module per family of verbs. Without a verb, the screens open."""

from __future__ import annotations

import sys
from pathlib import Path

from curator.errors import CuratorError


def main() -> None:
    """Run the program; exit 0 done, 1 a gate or check failed, 2 bad usage or input, 130 interrupted."""
    try:
        if len(sys.argv) == 1:
            open_screens()
        else:
            # Typer takes 0.05 s to import, which the screens need not wait for.
            from curator.cli.verbs import app

            app()
    except CuratorError as error:
        from curator.text import display_text

        sys.stderr.write(f"{error.title}: {display_text(str(error))}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()


def open_screens() -> None:
    """Open the screens on the workspace in this folder."""
    from curator.cli.demo import demo_maker
    from curator.settings import load_settings
    from curator.tui import run
    from curator.workspace import Workspace

    chosen = load_settings()
    run(
        Workspace.at(Path()),
        chosen.name,
        theme=chosen.theme,
        keys=chosen.keys,
        make_demo=demo_maker(),
    )
