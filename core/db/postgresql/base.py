"""Django's PostgreSQL, named in the settings: what its pool hands out is alive."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import Error


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that answers; one that broke while it lay in the pool is replaced there.

        The pool would look by itself, but waits a second after each broken one: after a restart of the server, where
        all of them are, requests would run out of their time. Raises OperationalError when the server is away.
        """
        connection = super().get_new_connection(conn_params)
        while self.pool and not is_alive(connection):
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection


def is_alive(connection: Any) -> bool:
    try:
        connection.execute("")
    except Error:
        return False
    return True
