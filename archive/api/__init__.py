"""The club's data for other programs: read-only JSON, described by OpenAPI, opened by tokens of members.

`tokens` are the keys, `answers` the frame of every answer (errors, limits, pages), `shapes` how a row looks as JSON,
`views` the addresses, `document` what describes them. None of it knows a browser's session.
"""
