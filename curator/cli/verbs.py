"""The Typer application that all verbs register with."""

from __future__ import annotations

from typing import Annotated

import typer

from curator.cli import (
    alternatives,
    checking,
    cleaning,
    correcting,
    data,
    evaluating,
    freezing,
    ingesting,
    keys,
    linting,
    measuring,
    preferring,
    profiles,
    queueing,
    reviewing,
    serving,
    setup,
    training,
)
from curator.cli.context import options

app = typer.Typer(
    name="curator",
    help="Turn a local agent's own session logs into fine-tuning data and adapters that can be trusted.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
@options
def start(
    context: typer.Context,
    tour: Annotated[bool, typer.Option("--tour", help="Show the hints for newcomers again.")] = False,
) -> None:
    """Open the screens when no verb is given."""
    if context.invoked_subcommand is None:
        from curator.cli.screens import open_asked_screens

        open_asked_screens(tour=tour)


for module in (
    ingesting,
    keys,
    linting,
    reviewing,
    queueing,
    correcting,
    preferring,
    alternatives,
    checking,
    measuring,
    cleaning,
    data,
    freezing,
    training,
    evaluating,
    profiles,
    serving,
    keys,
    setup,
):
    module.register(app)
