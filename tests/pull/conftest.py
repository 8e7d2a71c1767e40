"""The fixtures that several files of tests share."""

from postgres_pulls import nothing_hidden, reader
from postgres_server import cluster, postgres

__all__ = ["cluster", "nothing_hidden", "postgres", "reader"]
