"""Asking an OpenID Connect provider who somebody is: the provider that OIDC_ISSUER names.

allauth speaks the protocol: code flow, PKCE, state kept in the session for one return. The ID token is checked here,
its signature too.
"""

import logging
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import jwt
from allauth.account.internal.emailkit import valid_email_or_none
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from requests import RequestException

logger = logging.getLogger("unionops.openid")

SCOPES = ["openid", "email"]
# By a key of the provider; none of those that take a shared secret for a signature, and not “none”.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
CLOCKS_DIFFER_SECONDS = 60
LONGEST_SUBJECT = SocialAccount._meta.get_field("uid").max_length


class NotBelieved(Exception):
    """What came back from the provider does not prove who somebody is."""


class ProviderAway(Exception):
    """The provider does not answer."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`address` is one that the provider has verified, in lower case, or empty."""

    subject: str
    address: str


def is_offered() -> bool:
    return bool(settings.OIDC_ISSUER)


def provider_id() -> str:
    """What links are kept under: a subject means nothing at another issuer."""
    return f"oidc-{sha256(settings.OIDC_ISSUER.encode()).hexdigest()[:32]}"


class Provider(OpenIDConnectOAuth2Adapter):
    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, provider_id())

    def get_provider(self) -> OpenIDConnectProvider:
        app = SocialApp(
            provider=OpenIDConnectProvider.id,
            provider_id=self.provider_id,
            name=settings.OIDC_NAME,
            client_id=settings.OIDC_CLIENT_ID,
            secret=settings.OIDC_CLIENT_SECRET,
            settings={"server_url": settings.OIDC_ISSUER},
        )
        return OpenIDConnectProvider(self.request, app=app)

    @property
    def openid_config(self) -> Any:
        found = super().openid_config
        if found["issuer"].rstrip("/") != settings.OIDC_ISSUER:
            raise NotBelieved("the discovery document is of another issuer")
        return found

    @property
    def client(self) -> Any:
        return self.get_client(self.request, self.get_provider().app)

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return request.build_absolute_uri(reverse("openid_return"))

    def ask(self, url: str, **headers: str) -> Any:
        with get_adapter().get_requests_session() as session:
            response = session.get(url, headers=headers)
        response.raise_for_status()
        return response.json()


@contextmanager
def _talking() -> Iterator[None]:
    """Whatever the provider answers, the caller meets NotBelieved or ProviderAway, and the log has the reason."""
    try:
        yield
    except RequestException as error:
        logger.warning("OpenID Connect: the provider does not answer (%s)", type(error).__name__)
        raise ProviderAway from error
    except (NotBelieved, OAuth2Error, jwt.PyJWTError, LookupError, TypeError, ValueError, AttributeError) as error:
        reason = str(error) if isinstance(error, NotBelieved) else type(error).__name__
        logger.warning("OpenID Connect: an answer is not believed (%s)", reason)
        raise NotBelieved from error


# --- there and back -----------------------------------------------------------------------------------


def begin(request: HttpRequest, target: str) -> str:
    """Where the browser is to go; this session expects it back once, within ten minutes, then to go on to `target`."""
    with _talking():
        provider, nonce, challenge = Provider(request), secrets.token_urlsafe(32), generate_code_challenge()
        client, page = provider.client, provider.authorize_url
        state = {"nonce": nonce, "verifier": challenge.pop("code_verifier"), "next": target}
        client.state = statekit.stash_state(request, provider_id=provider.provider_id, state=state)
        return client.get_redirect_url(page, SCOPES, {**challenge, "nonce": nonce})


def expected(request: HttpRequest) -> Mapping[str, Any] | None:
    """What this session noted when it sent the browser away; None when it expects nobody (any more)."""
    return statekit.unstash_state(request, provider_id=provider_id(), state_id=request.GET.get("state", ""))


def identity(request: HttpRequest, state: Mapping[str, Any]) -> Identity:
    """Who came back. Raises NotBelieved or ProviderAway."""
    with _talking():
        if "error" in request.GET or not request.GET.get("code"):
            raise NotBelieved("no code came back")
        provider = Provider(request)
        answer = provider.client.get_access_token(request.GET["code"], pkce_code_verifier=state["verifier"])
        claims = _claims(provider, answer["id_token"], state["nonce"])
        return Identity(claims["sub"], _verified_address(_with_address(provider, claims, answer["access_token"])))


def _claims(provider: Provider, token: str, nonce: str) -> Mapping[str, Any]:
    config, client = provider.openid_config, settings.OIDC_CLIENT_ID
    claims = jwt.decode(
        token,
        _key(provider.ask(config["jwks_uri"]), jwt.get_unverified_header(token).get("kid")),
        algorithms=ALGORITHMS,
        audience=client,
        issuer=config["issuer"],
        leeway=CLOCKS_DIFFER_SECONDS,
        options={"require": ["exp", "iat", "sub"]},
    )
    if not constant_time_compare(str(claims.get("nonce")), nonce):
        raise NotBelieved("the nonce is another one")
    if claims.get("azp", client) != client:
        raise NotBelieved("the token was made for another client")
    if not (0 < len(claims["sub"]) <= LONGEST_SUBJECT and claims["sub"].isprintable()):
        raise NotBelieved("the subject cannot be kept")
    return claims


def _key(found: Any, name: str | None) -> jwt.PyJWK:
    keys = [key for key in jwt.PyJWKSet.from_dict(found).keys if key.public_key_use in (None, "sig")]
    named = [key for key in keys if name is None or key.key_id == name]
    if len(named) != 1:
        raise NotBelieved("no key, or no single one, has the token's name")
    return named[0]


def _with_address(provider: Provider, claims: Mapping[str, Any], token: str) -> Mapping[str, Any]:
    """The claims that tell the address: the ID token's, or what the provider says on asking for the same subject."""
    url = provider.openid_config.get("userinfo_endpoint")
    if {"email", "email_verified"} <= claims.keys() or not url:
        return claims
    said = provider.ask(url, Authorization=f"Bearer {token}")
    if said["sub"] != claims["sub"]:
        raise NotBelieved("the user info is about somebody else")
    return said


def _verified_address(claims: Mapping[str, Any]) -> str:
    """ASCII only: other letters, such as the Kelvin sign, turn into ASCII ones in lower case."""
    given = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(given, str) or not given.isascii():
        return ""
    return (valid_email_or_none(given) or "").lower()
