"""Make a hash as another system stored it, and count the hashes that are computed."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import argon2.low_level
import bcrypt


def imported(password: str, rounds: int = 12) -> str:
    """Make a hash as Django's bcrypt hasher stored it elsewhere: 72 bytes of the password count."""
    return "bcrypt$" + bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(rounds, prefix=b"2b")).decode()


@contextmanager
def counted_hashes() -> Iterator[list[str]]:
    """Note each hash that is computed meanwhile, whether to make one or to compare with one."""
    made: list[str] = []

    def note(real):
        def run(*args, **options):
            made.append(real.__name__)
            return real(*args, **options)

        return run

    with (
        mock.patch.object(argon2.low_level, "hash_secret", note(argon2.low_level.hash_secret)),
        mock.patch.object(argon2.PasswordHasher, "verify", note(argon2.PasswordHasher.verify)),
        mock.patch.object(bcrypt, "hashpw", note(bcrypt.hashpw)),
    ):
        yield made
