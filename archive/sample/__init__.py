"""The sample club: かもめ橋朝食会 with its people, its past and what is ahead of it. All of it is invented.

The words are in the data files beside this module; dates are reckoned from the day it is made, so the club never
ages. What chance decides comes from fixed seeds: the same day makes the same club. The past is written in bulk, what
is ahead goes through the verbs that pages use.
"""

from archive.sample.build import build

__all__ = ["build"]
