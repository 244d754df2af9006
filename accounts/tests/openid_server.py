"""A small OpenID Connect provider over real HTTP, which tells what a test has told it to."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET, NAME = "portal", "what the portal proves itself with", "Example ID"


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """`claims`: changes of the ID token, None takes one away. `userinfo`: what it says on asking.

    `error`: come back with it instead of a code. `status`: of the paths in `failing`. `signer`, `kid`, `algorithm`: of
    the ID token. `asked`: the paths that were asked for.
    """

    def __init__(self, port: int) -> None:
        self.issuer = self.stated_issuer = f"http://127.0.0.1:{port}"
        self.subject = "ann-at-example-id"
        self.claims: dict[str, Any] = {"email": "ann@people.example", "email_verified": True}
        self.userinfo: dict[str, Any] = {}
        self.error = ""
        self.status, self.failing = 503, ()
        self.signer, self.kid, self.algorithm = "right", "right", "RS256"
        self.asked: list[str] = []
        self.questions: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}

    def get(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        if path == "/.well-known/openid-configuration":
            urls = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            found = {f"{name}_endpoint": f"{self.issuer}/{page}" for name, page in urls.items()}
            methods = ["client_secret_basic"]
            jwks = f"{self.issuer}/jwks"
            return 200, {
                **found,
                "issuer": self.stated_issuer,
                "jwks_uri": jwks,
                "token_endpoint_auth_methods_supported": methods,
            }
        if path == "/jwks":
            public = jwt.algorithms.RSAAlgorithm.to_jwk(key("right").public_key(), as_dict=True)
            return 200, {"keys": [{**public, "kid": "right", "use": "sig", "alg": "RS256"}]}
        if path == "/userinfo":
            return 200, {"sub": self.subject, **self.userinfo}
        return (302, self._authorize(query)) if path == "/authorize" else (404, {})

    def _authorize(self, query: dict[str, str]) -> str:
        self.questions.append(query)
        if self.error:
            return f"{query['redirect_uri']}?{urlencode({'error': self.error, 'state': query['state']})}"
        code = f"code-{len(self.questions)}"
        self._codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> tuple[int, Any]:
        """A code is good once, for the client that asked, with the verifier of its challenge."""
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if asked is None or (asked["code_challenge"], asked["redirect_uri"]) != (challenge, form["redirect_uri"]):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": CLIENT, "sub": self.subject, "iat": now, "exp": now + 300}
        claims = {**usual, "nonce": asked["nonce"], **self.claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        secret = SECRET if self.algorithm.startswith("HS") else key(self.signer)
        if self.algorithm == "none":
            secret = None
        token = jwt.encode(claims, secret, algorithm=self.algorithm, headers={"kid": self.kid})
        return 200, {"access_token": "opens-the-user-info", "token_type": "Bearer", "id_token": token}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._answer(parts.path, lambda provider: provider.get(parts.path, dict(parse_qsl(parts.query))))

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(self.path, lambda provider: provider.token(dict(parse_qsl(text))))

    def _answer(self, path: str, work: Any) -> None:
        provider = self.server.provider
        provider.asked.append(path)
        status, body = (provider.status, {}) if path in provider.failing else work(provider)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", body)
            body = {}
        text = json.dumps(body).encode()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments: Any) -> None:
        pass


@contextmanager
def providing(settings: Any) -> Iterator[Provider]:
    """Run the provider, and offer it in the settings."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = server.provider = Provider(server.server_port)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        settings.OIDC_ISSUER, settings.OIDC_NAME = provider.issuer, NAME
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, SECRET
        yield provider
        server.shutdown()


def question(url: str) -> dict[str, str]:
    """Return what the portal asks for at this address of the provider."""
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
