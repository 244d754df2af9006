"""Makes one database of the pages' part ready, in a process of its own.

Called with the number of rows; 0: they are there, and only new migrations are run.
"""

import sys

import django


def main(count: int) -> None:
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from bench import population, records

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    if count:
        population.build(settings.DATABASE_URL, count)
        records.add(settings.DATABASE_URL, count)


if __name__ == "__main__":
    main(int(sys.argv[1]))
