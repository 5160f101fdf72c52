"""What it costs that people sit together: integers, in tiers of which each outweighs the next."""

from introductions.tables.people import Person, Rules

AT_LEAST, AROUND, AT_MOST = 4, 5, 6

APART = 10**9
MISFIT = 10**6
UPROOTED = 10**4
TWO_HOSTS = 10**3
UNEVEN = 60
MOVED = 8

# Old friends cost no more than people who met so often: the tiers above must stay above.
MEETINGS_COUNTED = 12


def pair_cost(a: Person, b: Person, met: int) -> int:
    """What it costs that these two sit at one table, who have met so often before."""
    same_trade = a.industry == b.industry != ""
    return weighed(met, same_trade=same_trade) - 2 * (a.newcomer != b.newcomer)


def weighed(met: int, *, same_trade: bool, usual: float = 2) -> int:
    """What meeting again costs, or two of one trade who have not met; from the third time on more.

    `usual` is how often two who share so many mornings meet by the way: it is not counted as often.
    """
    often = 6 * max(0, min(met, MEETINGS_COUNTED) - max(2, round(usual)))
    return 10 * (met >= 1) + often + 4 * (same_trade and not met)


def together(a: Person, b: Person, rules: Rules) -> int:
    """The same with the rules: keeping away, and two hosts at one table."""
    pair = frozenset((a.key, b.key))
    weighed = pair_cost(a, b, rules.met.get(pair, 0))
    return weighed + APART * (pair in rules.apart) + TWO_HOSTS * (a.host and b.host)


def chairs_off(size: int) -> int:
    """How far a table is from four to six; a chair too many counts twice."""
    return max(AT_LEAST - size, 0) + 2 * max(size - AT_MOST, 0)


def misfit(people: int, tables: int) -> int:
    """How far the sizes are from four to six when people are spread evenly."""
    small, larger = divmod(people, tables)
    return (tables - larger) * chairs_off(small) + larger * chairs_off(small + 1)


def size_cost(size: int, people: int, tables: int) -> int:
    """What a table of this size costs among so many people and tables."""
    uneven = max(people // tables - size, size + -people // tables, 0)
    return UNEVEN * uneven * uneven + MISFIT * chairs_off(size)
