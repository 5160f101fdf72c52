"""Asakai on one machine with one command: embedded PostgreSQL and Valkey, web, and the worker that ticks.

`python -m config.local run` is `make run`; `… exec -- COMMAND` lends a command the servers alone, for tests.
"""
