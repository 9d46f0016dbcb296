"""The verb that shows the screens in a browser."""

from __future__ import annotations

import importlib.util
from typing import Annotated

import typer

from curator.cli.context import screen_arguments, verb, workspace_here
from curator.errors import CuratorError


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("serve")(verb(serve))


def serve(
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=1, max=65535, help="Port on this machine.")
    ] = 8000,
    host: Annotated[str, typer.Option("--host", metavar="HOST", help="localhost; others are refused.")] = (
        "localhost"
    ),
) -> None:
    """Show the screens in a browser on this machine, until ctrl+c."""
    if importlib.util.find_spec("textual_serve") is None:
        raise CuratorError(
            "The browser version needs textual-serve: pip install 'curator-workbench[serve]'.",
            title="Not installed",
        )
    from curator.tui import serving

    serving.check_host(host)
    workspace_here()
    serving.serve(screen_arguments(), host, port)
