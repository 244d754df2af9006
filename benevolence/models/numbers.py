"""How application numbers are ordered."""


def sort_number(number: str) -> str:
    """`BN-2026-10000` after `BN-2026-9999`, also as text."""
    start, dash, count = number.rpartition("-")
    return f"{start}{dash}{count:0>9}" if number else ""
