"""What of an honorarium is withheld as income tax in Japan (源泉徴収), so that the letter can name what is handed over.

For talks and manuscripts of people who live in Japan: 10.21 % up to a million yen, 20.42 % of what is above (Income Tax
Act articles 204 and 205, with the special reconstruction tax; fractions of a yen are dropped). Pure.
"""

FIRST = 1_000_000


def withheld(yen: int) -> int:
    """The tax in yen on an honorarium in yen before tax."""
    return min(yen, FIRST) * 1021 // 10_000 if yen <= FIRST else 102_100 + (yen - FIRST) * 2042 // 10_000
