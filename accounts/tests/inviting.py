"""Nia, and how she is invited."""

from accounts.services import invitations

ADDRESS, CHOSEN = "nia@people.example", "seven quiet herons asleep"
NIA = {"email": "Nia@People.example", "first_name": "Nia", "last_name": "Newman"}


def invite(actor, **given):
    return invitations.invite(**{**NIA, **given}, actor=actor)
