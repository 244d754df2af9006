"""How passwords are stored: Argon2id for everything new; bcrypt 2b/12 is read and replaced at the next sign-in."""

import bcrypt
from django.contrib.auth.hashers import Argon2PasswordHasher, BCryptPasswordHasher
from django.utils.crypto import constant_time_compare


class Argon2id(Argon2PasswordHasher):
    """OWASP's first choice of parameters: 46 MiB, one pass, one lane."""

    time_cost = 1
    memory_cost = 46 * 1024
    parallelism = 1


class Bcrypt2b12(BCryptPasswordHasher):
    """Reads hashes that another system made. bcrypt takes 72 bytes; the rest never counted there either."""

    rounds = 12
    usable_bytes = 72

    def verify(self, password: str, encoded: str) -> bool:
        _algorithm, stored = encoded.split("$", 1)
        try:
            made = bcrypt.hashpw(password.encode()[: self.usable_bytes], stored.encode("ascii"))
        except ValueError:  # a NUL in the password, or something stored that is not bcrypt
            return False
        return constant_time_compare(made.decode("ascii"), stored)
