"""The screens in a browser on this machine: a process for each page that is open, nobody else let in."""

from __future__ import annotations

import logging
import shlex
import sys
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server

from curator.errors import CuratorError

LOCAL_HOSTS = ("localhost", "127.0.0.1")
# The page asks a font from elsewhere; what a reviewer has open is nothing to tell others.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; img-src 'self' data:; connect-src 'self' ws://localhost:* ws://127.0.0.1:*; "
    "frame-ancestors 'none'"
)
# Without this the page hears no key before somebody clicks into it.
_FOCUS = """<script>
  const listen = () => document.querySelector(".xterm-helper-textarea")?.focus();
  new MutationObserver((_, watch) => {
    if (document.body.classList.contains("-first-byte")) { watch.disconnect(); listen(); }
  }).observe(document.body, { attributes: true });
  window.addEventListener("focus", listen);
</script>
</body>"""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LocalServer(Server):
    """Serves the screens to this machine's browsers only.

    A page of another site could open a socket to localhost in the reviewer's browser and press keys; requests
    whose host or origin is not this server are therefore refused.
    """

    def initialize_logging(self) -> None:
        """Keep the console for what matters; every request of the page is not that."""
        logging.basicConfig(level=logging.WARNING)

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._only_us)
        app.on_response_prepare.append(_add_policy)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """Say where, and how to end."""
        sys.stderr.write(f"Curator is at {self.public_url} · ctrl+c ends it\n")
        sys.stderr.flush()

    @web.middleware
    async def _only_us(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if not self._is_here(f"//{request.host}") or (origin is not None and not self._is_here(origin)):
            raise web.HTTPForbidden(text="Curator answers only pages of its own, on this machine.\n")
        answer = await handler(request)
        if request.path == "/" and isinstance(answer, web.Response) and answer.text:
            answer.text = answer.text.replace("</body>", _FOCUS)
        return answer

    def _is_here(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            return parts.hostname in LOCAL_HOSTS and (parts.port or 80) == self.port
        except ValueError:
            return False


async def _add_policy(request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"


def serve(arguments: list[str], host: str, port: int) -> None:
    """Serve the screens that ``curator`` with these arguments opens, until ctrl+c.

    Raises:
        CuratorError: The host is not this machine, or the port is taken.
    """
    check_host(host)
    command = shlex.join([sys.executable, "-m", "curator", *arguments])
    try:
        LocalServer(command, host=host, port=port, title="Curator").serve()
    except OSError as error:
        raise CuratorError(
            f"Port {port} cannot be used ({error.strerror or error}). Give another one with --port.",
            title="Cannot serve",
        ) from error


def check_host(host: str) -> None:
    """Refuse to serve to others.

    Raises:
        CuratorError: The host is not this machine.
    """
    if host not in LOCAL_HOSTS:
        raise CuratorError(
            f"{host} can be reached by others, and the screens have no login: whoever opens the page could "
            "read every log and decide in your name. Curator serves localhost only. From another machine, "
            "`ssh -L 8000:localhost:8000` to this one and open http://localhost:8000 there.",
            title="Not served",
        )
