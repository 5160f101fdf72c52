"""Asakai on one machine with one command: embedded PostgreSQL and Valkey, web, worker and beat.

`python -m config.local run` is `make run`; `… exec -- COMMAND` lends a command the servers alone, for tests.
"""
