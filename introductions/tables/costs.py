"""What it costs that people sit together: integers, in tiers of which each outweighs the next."""

from introductions.tables.people import Person, Rules

AT_LEAST, AROUND, AT_MOST = 4, 5, 6

APART = 10**9
# The same while two may pass each other on the way to their tables.
PASSING = 50
MISFIT = 10**6
UPROOTED = 10**4
TWO_HOSTS = 10**3
UNEVEN = 60
MOVED = 8

# What it is worth that somebody has the one beside them whom they know already: more than any repeat costs elsewhere.
BESIDE = 40
# Old friends cost no more than people who met so often: the tiers above must stay above.
MEETINGS_COUNTED = 12
# One meeting in so many common mornings is nothing out of the way.
USUAL = 5
# Two who both come nearly always can meet another time: the rare chance is taken first.
ANOTHER_TIME = 2
# What it is worth that somebody who has met everybody else sits with somebody who never comes.
RARE_CHANCE = 4


def pair_cost(a: Person, b: Person, met: int, shared: int = 0) -> int:
    """What it costs that these two sit at one table, who met so often before on so many common mornings."""
    cost = company(
        met,
        same_trade=a.industry == b.industry != "",
        shared=shared,
        often=(a.often, b.often),
        knows=(a.knows, b.knows),
    )
    return round(cost) - 2 * (a.newcomer != b.newcomer)


def company(
    met: int,
    *,
    same_trade: bool,
    shared: int = 0,
    often: tuple[float, float] = (0, 0),
    knows: tuple[float, float] = (0, 0),
) -> float:
    """What meeting again costs, from the third time on more; else what two of one trade cost, less a rare chance.

    `often` is which part of the mornings each comes to, `knows` which part of all people each has met. Two who share
    most mornings may meet more often than two who share few; who comes nearly always runs out of people, so somebody
    rare sits with them while they are there.
    """
    if met:
        return 10 + 6 * max(0, min(met, MEETINGS_COUNTED) - max(2, round(shared / USUAL)))
    rare = max(knows[0] * (1 - often[1]), knows[1] * (1 - often[0]))
    return 4 * same_trade + ANOTHER_TIME * often[0] * often[1] - RARE_CHANCE * rare


def together(a: Person, b: Person, rules: Rules) -> int:
    """The same with the rules: keeping away, two hosts at one table, and who is wanted beside whom."""
    pair = frozenset((a.key, b.key))
    known = pair in rules.beside
    cost = -BESIDE if known else pair_cost(a, b, rules.met.get(pair, 0), rules.shared.get(pair, 0))
    return cost + APART * (pair in rules.apart) + TWO_HOSTS * (a.host and b.host)


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
