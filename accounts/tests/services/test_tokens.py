"""What is a token and what only looks like one: every change to one is refused, wherever it is used."""

import base64
import json
import time
from datetime import timedelta
from uuid import uuid4

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import settings
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.api import devices
from accounts.factories import UserFactory
from accounts.models import RefreshToken
from accounts.services.tokens import AUDIENCE, ISSUER, digest

pytestmark = pytest.mark.django_db

ME, REFRESH = "/api/v1/auth/me/", "/api/v1/auth/refresh/"
KEY = settings.AUTH_JWT_SECRET_KEY[-1]
OTHER_KEY = "a key that this portal has never had " + "z" * 30


@pytest.fixture
def ann():
    return UserFactory(email="ann@people.example")


@pytest.fixture
def pair(ann):
    return devices.sign_in(ann, request=RequestFactory().get("/"))


def opens(token: str) -> int:
    return Client().get(ME, headers={"Authorization": f"Bearer {token}"}).status_code


def renews(token: str) -> int:
    return Client().post(REFRESH, {"refresh": token}, content_type="application/json").status_code


def claims_of(token: str) -> dict:
    return jwt.decode(token, KEY, algorithms=["HS256"], audience=AUDIENCE)


def signed(claims: dict, key: str = KEY, algorithm: str = "HS256", **header) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers=header or None)


def part(value: object) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def pem(key: object) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


RSA, EC = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())


def by_header(token: str) -> dict[str, str]:
    """Sign the same claims under another head."""
    claims = claims_of(token)
    head, body, seal = token.split(".")
    none = {name: f"{part({'alg': name, 'typ': 'JWT'})}.{body}." for name in ("none", "None", "NONE", "nOnE")}
    kept = {
        f"alg {name}, seal kept": f"{part({'alg': name, 'typ': 'JWT'})}.{body}.{seal}"
        for name in ("none", "RS256", "ES256", "PS256", "HS384", "", "hs256")
    }
    others = {
        "HS384": signed(claims, algorithm="HS384"),
        "HS512": signed(claims, algorithm="HS512"),
        "RS256": signed(claims, pem(RSA), "RS256"),
        "ES256": signed(claims, pem(EC), "ES256"),
        "another key": signed(claims, OTHER_KEY),
        "SECRET_KEY": signed(claims, settings.SECRET_KEY),
        "empty key": f"{head}.{body}.{part(b'')}",
        "kid that climbs": signed(claims, OTHER_KEY, kid="../../../../dev/null"),
        "kid with SQL": signed(claims, OTHER_KEY, kid="' UNION SELECT 'x"),
        "jku elsewhere": signed(claims, OTHER_KEY, jku="http://127.0.0.1:1/keys"),
        "key brought along": signed(claims, OTHER_KEY, jwk={"kty": "oct", "k": part(OTHER_KEY.encode())}),
        "no algorithm": f"{part({'typ': 'JWT'})}.{body}.{seal}",
        "critical header": signed(claims, crit=["unknown"], unknown=1),
        "head is a list": f"{part([])}.{body}.{seal}",
    }
    return none | kept | others


def by_shape(token: str) -> dict[str, str]:
    head, body, seal = token.split(".")
    claims = claims_of(token)
    return {
        "no seal": f"{head}.{body}",
        "empty seal": f"{head}.{body}.",
        "seal cut": token[:-1],
        "seal of another token": f"{head}.{part({**claims, 'jti': 'x'})}.{seal}",
        "another account, seal kept": f"{head}.{part({**claims, 'sub': '1'})}.{seal}",
        "another device, seal kept": f"{head}.{part({**claims, 'sid': str(uuid4())})}.{seal}",
        "a fourth part": f"{token}.{seal}",
        "twice": f"{token}.{token}",
        "body is no JSON": f"{head}.{part(b'nonsense')}.{seal}",
        "body is a list": f"{head}.{part([1])}.{seal}",
        "empty": "",
        "dots": "..",
        "10 kB claim": signed({**claims, "more": "x" * 10_000}),
        "10 kB of nothing": "x" * 10_000,
        "not ASCII": "ä.ö.ü",
        "NUL": "a\0b.c.d",
    }


def by_claim(token: str) -> dict[str, str]:
    """Sign, with the right key, what nobody could make and what an older release or another system might."""
    claims, now = claims_of(token), int(time.time())
    changed = {
        "wrong aud": {"aud": "elsewhere"},
        "wrong iss": {"iss": "elsewhere"},
        "aud is a number": {"aud": 1},
        "type of the other": {"token_type": "refresh" if claims["token_type"] == "access" else "access"},
        "type password_reset": {"token_type": "password_reset"},
        "type is a list": {"token_type": ["access", "refresh"]},
        "expired": {"exp": now - 1},
        "expired long ago": {"exp": 0},
        "exp is text": {"exp": "tomorrow"},
        "exp is endless": {"exp": 10**40},
        "nbf in an hour": {"nbf": now + 3600},
        "iat in an hour": {"iat": now + 3600},
        "unknown device": {"sid": str(uuid4())},
        "device climbs": {"sid": "../../etc/passwd"},
        "device is a number": {"sid": 1},
        "device is a list": {"sid": [claims["sid"]]},
    }
    lacking = ("aud", "iss", "exp", "token_type", "sid", "jti")
    return {name: signed({**claims, **change}) for name, change in changed.items()} | {
        f"no {name}": signed({key: value for key, value in claims.items() if key != name}) for name in lacking
    }


def mutations(token: str) -> dict[str, str]:
    return by_header(token) | by_shape(token) | by_claim(token)


def test_what_is_made_is_accepted_and_tells_nothing_of_what_it_opens(ann, pair):
    assert (opens(pair.access), opens(signed(claims_of(pair.access)))) == (200, 200)
    for token, kind in ((pair.access, "access"), (pair.refresh, "refresh")):
        claims = claims_of(token)
        assert set(claims) == {"token_type", "exp", "iat", "jti", "sub", "sid", "aud", "iss"}
        assert claims["token_type"] == kind
        assert claims["iss"] == ISSUER
        assert claims["sub"] == str(ann.pk)
    assert RefreshToken.objects.get().token_hash == digest(pair.refresh)


def test_no_mutation_of_an_access_token_opens_anything(pair):
    found = {name: opens(token) for name, token in mutations(pair.access).items() if token.isascii()}
    assert len(found) >= 60
    assert {name: status for name, status in found.items() if status != 401} == {}
    assert opens(pair.refresh) == 401
    assert opens(pair.access) == 200


def test_no_mutation_of_a_refresh_token_renews_or_ends_a_device(pair, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "refresh": (1_000, 15)}
    found = {name: renews(token) for name, token in mutations(pair.refresh).items()}
    assert len(found) >= 60
    assert {name: status for name, status in found.items() if status not in (400, 401)} == {}
    assert renews(pair.access) == 401
    assert renews(pair.refresh) == 200


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Token {}", "Basic {}", "{}", "Bearer {} {}", "Bearer,{}", "bearer\t{}"]
)
def test_only_one_form_of_header_is_read(pair, header):
    assert Client().get(ME, headers={"Authorization": header.replace("{}", pair.access)}).status_code == 401


def test_a_wrong_token_beside_a_good_session_is_refused(ann):
    browser = Client()
    browser.force_login(ann)
    assert browser.get(ME).status_code == 200
    assert browser.get(ME, headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_a_token_needs_no_csrf_token_and_a_session_does(ann, pair):
    strict, path = Client(enforce_csrf_checks=True), "/api/v1/auth/logout-all/"
    strict.force_login(ann)
    answer = strict.post(path)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert strict.post(path, headers={"Authorization": f"Bearer {pair.access}"}).status_code == 204


def test_the_newest_key_signs_and_older_ones_still_verify(pair, settings):
    settings.AUTH_JWT_SECRET_KEY = [KEY, OTHER_KEY]
    assert opens(pair.access) == 200
    answer = Client().post(REFRESH, {"refresh": pair.refresh}, content_type="application/json")
    newer = answer.json()
    settings.AUTH_JWT_SECRET_KEY = [OTHER_KEY]
    assert opens(pair.access) == 401
    assert opens(newer["access"]) == 200
    assert renews(newer["refresh"]) == 200


def test_lives_are_settings_and_end_to_the_second(ann, settings):
    settings.AUTH_ACCESS_TOKEN_EXPIRE_MINUTES, settings.AUTH_REFRESH_TOKEN_EXPIRE_DAYS = 5, 1
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as clock:
        pair = devices.sign_in(ann, request=RequestFactory().get("/"))
        assert pair.access_expires_at == timezone.now() + timedelta(minutes=5)
        clock.shift(timedelta(minutes=4, seconds=59))
        assert opens(pair.access) == 200
        clock.shift(timedelta(seconds=1))
        assert opens(pair.access) == 401
        clock.shift(timedelta(days=1, minutes=-5, seconds=-1))
        last = Client().post(REFRESH, {"refresh": pair.refresh}, content_type="application/json").json()
        assert opens(last["access"]) == 200  # made a second before the device ends, and good for no longer
        clock.shift(timedelta(seconds=1))
        assert (opens(last["access"]), renews(last["refresh"])) == (401, 401)


def test_one_query_finds_the_device_and_another_its_permissions(pair, django_assert_num_queries):
    for _number in range(3):
        devices.sign_in(pair.device.user, request=RequestFactory().get("/"))
    opens(pair.access)
    with django_assert_num_queries(1):  # the local's settings, device and account, roles, permissions
        opens(pair.access)
