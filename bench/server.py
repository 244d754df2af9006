"""The PostgreSQL of the bench: ephemeral, or kept in a folder so that the next run finds its million rows there."""

from pathlib import Path

from unionops.ephemeral_postgres import EphemeralPostgres

# What a small server would have; everything about planning is PostgreSQL's default. Only fsync is not as in real
# life: building the rows is not what is measured.
OPTIONS = (
    "-c shared_buffers=512MB -c maintenance_work_mem=512MB -c max_wal_size=4GB -c autovacuum=on"
    " -c fsync=off -c synchronous_commit=off -c wal_level=minimal -c max_wal_senders=0"
)


def start(folder: Path | None) -> EphemeralPostgres:
    return EphemeralPostgres(OPTIONS, folder=folder).start()


def url_of(postgres: EphemeralPostgres, database: str) -> str:
    return postgres.url.replace("/postgres?", f"/{database}?")
