"""Chance that falls the same way every time."""

import random

from members.names import ALPHABET


class Dice(random.Random):
    """A seeded source of choices, one per part of the club, so that a change in one part leaves the others alone."""

    def code(self) -> str:
        """What `members.names.new_code` makes, but the same every time."""
        return "".join(self.choice(ALPHABET) for _ in range(10))
