"""A stand-in for Google and LINE on the loopback: it asks nobody anything and says who came, over real HTTP."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit


class Elsewhere:
    """`person` is who is signed in there; `spoil` changes what it says. `asked` is what it was asked for a token."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.person: dict[str, Any] = {"sub": "1001", "email": "hana@gmail.com", "email_verified": True}
        self.spoil: dict[str, Any] = {}
        self.status = 200
        self.asked: list[dict[str, str]] = []
        self.codes: dict[str, dict[str, str]] = {}

    def settings(self, name: str, **more: Any) -> dict[str, dict[str, Any]]:
        place = {
            "label": {"google": "Google", "line": "LINE"}[name],
            "issuer": self.url,
            "authorize_url": f"{self.url}/authorize",
            "token_url": f"{self.url}/token",
            "client_id": "club",
            "client_secret": "s3cret",
            "vouches": name == "google",
        }
        return {name: place | more}

    def authorize(self, query: str) -> str:
        """Where the browser is sent back to."""
        question = dict(parse_qsl(query))
        code = f"code-{len(self.codes)}"
        self.codes[code] = question
        return f"{question['redirect_uri']}?{urlencode({'code': code, 'state': question['state']})}"

    def token(self, body: str) -> tuple[int, dict[str, Any]]:
        sent = {name: values[-1] for name, values in parse_qs(body).items()}
        self.asked.append(sent)
        question = self.codes.pop(sent["code"], None)
        digest = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=")
        right = question and (sent["client_id"], sent["client_secret"]) == ("club", "s3cret")
        if not right or not question or question["code_challenge"] != digest.decode():
            return 400, {"error": "invalid_grant"}
        said = {"iss": self.url, "aud": "club", "exp": int(time.time()) + 600, "nonce": question["nonce"]}
        said |= self.person | self.spoil
        parts = [json.dumps(part).encode() for part in ({"alg": "RS256"}, said)]
        token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in [*parts, b"unchecked"])
        return self.status, {"access_token": "x", "token_type": "Bearer", "id_token": token}


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """It runs as long as the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", place.authorize(urlsplit(self.path).query))
            self.end_headers()

        def do_POST(self) -> None:
            status, said = place.token(self.rfile.read(int(self.headers["Content-Length"])).decode())
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    place = Elsewhere(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield place
    server.shutdown()
    server.server_close()
    thread.join()
