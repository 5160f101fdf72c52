"""The whole club in one archive, and taken in again by an installation that is fresh.

`inventory` says which tables travel and in which order, `manifest` what an archive says of itself, `packing` writes
one, `unpacking` takes one in. Rows travel with their keys: links in mails are made from them.
"""
