"""What the engines are measured on: people, pairs and seasons made by chance, the same for the same seed."""

import random
from collections import Counter
from itertools import combinations

TRADES = 12
SUBJECTS = 40


def trades(people, chance):
    """Twelve trades, the first with about a third of the people (Zipf)."""
    return chance.choices(range(TRADES), [1 / (n + 1) for n in range(TRADES)], k=people)


def introductions(people, seed, most=3):
    """One morning: a quarter are new, one in sixteen takes none, one pair of regulars in eight is excluded."""
    chance = random.Random(seed)
    of, new = trades(people, chance), [chance.random() < 0.25 for _ in range(people)]
    none = [chance.random() < 0.06 for _ in range(people)]
    teaches, wants = (
        [set(chance.sample(range(SUBJECTS), chance.randrange(1, 5))) for _ in range(people)] for _ in range(2)
    )
    many, edges = Counter(of), []
    for a, b in combinations(range(people), 2):
        regulars = not new[a] and not new[b]
        if none[a] or none[b] or (regulars and chance.random() < 0.12):
            continue
        one, other = teaches[a] & wants[b], teaches[b] & wants[a]
        weight = (250 + 50 // (many[of[a]] * many[of[b]])) * (of[a] != of[b]) + 120 * (new[a] != new[b])
        weight += 200 * bool(one) + 200 * bool(other) + 80 * bool(one and other) + 50 * (len(one) + len(other) > 2)
        weight += 60 * bool(teaches[a] & teaches[b] or wants[a] & wants[b])
        weight -= 60 * chance.choice([0, 0, 0, 1, 1, 2]) * regulars
        edges.append([a, b, max(weight, 0)])
    return {"n": people, "k": most, "edges": edges}


def few_words(people, seed):
    """A club whose people say little: trade, whether new, what they teach and want; one in ten wrote anything."""
    chance = random.Random(seed)

    def words():
        return {f"subject{chance.randrange(TRADES)}"} if chance.random() < 0.1 else set()

    return [(of, chance.random() < 0.15, words(), words()) for of in trades(people, chance)]


def session(people, seed):
    """Costs as the house has them: three in ten have met, some of them often, or share a trade."""
    chance = random.Random(seed)
    of, costs = trades(people, chance), [[0] * people for _ in range(people)]
    for a, b in combinations(range(people), 2):
        met = chance.choices([0, 1, 2, 3], [0.7, 0.2, 0.07, 0.03])[0]
        costs[a][b] = costs[b][a] = 10 * (met > 0) + 6 * max(0, met - 2) + 4 * (of[a] == of[b] and not met)
    return costs


def any_costs(people, seed):
    """Costs without any shape, 0 to 99: the hardest."""
    chance, costs = random.Random(seed), [[0] * people for _ in range(people)]
    for a, b in combinations(range(people), 2):
        costs[a][b] = costs[b][a] = chance.randrange(100)
    return costs


def sizes(people, around=5):
    """Tables of about five, of sizes that differ by one at most."""
    tables = max(1, round(people / around))
    small, larger = divmod(people, tables)
    return [small + 1] * larger + [small] * (tables - larger)


def season(people, sessions, seed, rate=lambda chance: 0.5):
    """Who comes to each session: everybody as often as `rate` says for them."""
    chance = random.Random(seed)
    of, rates = trades(people, chance), [rate(chance) for _ in range(people)]
    attendance = [[one for one in range(people) if chance.random() < rates[one]] for _ in range(sessions)]
    return {"industries": of, "attendance": attendance, "table_sizes": [sizes(len(there)) for there in attendance]}


def uneven(chance):
    """One person comes to a tenth of the mornings, another to seven in ten; 33 of 80 on average."""
    return chance.uniform(0.1, 0.72)


def very_uneven(chance):
    """A fifth come to nine in ten of the mornings, a fifth to one in ten, the others to three in ten."""
    return chance.choice([0.1, 0.3, 0.3, 0.3, 0.9])
