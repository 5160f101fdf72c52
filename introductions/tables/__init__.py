"""Who sits at which table: four to six, of different trades, who have not met. Without Django.

Formulation. Units are people, or a party (somebody with the friends who come on their word) that stays together. Over
all ways to put n people at T tables, minimise the sum over the pairs at one table of

    c = 10 * [met >= 1] + 6 * max(0, met - max(2, shared / 5)) - 2 * [exactly one of the two is new]
        + [met = 0] * (4 * [same trade] + 2 * often * often' - 4 * max(knows * (1 - often'), knows' * (1 - often)))

where `shared` is how many mornings both came to, `often` which part of the mornings one comes to, and `knows` which
part of all people one has met. The cost of meeting again saturates: the first repeat costs most, only a third and
later ones cost more, and of those only what is more than usual for two who share so many mornings. Who comes nearly
always sits with whoever comes rarely while they are there. Two of whom one asked for the other have c = -40 instead. A
season alone (`season`) reckons as the house does. Before it come, each outweighing the next: who keeps another away
never sits with them; tables have four to six places; of those who already had a table, four in five keep it; two hosts
do not share one; sizes differ by one at most. Pins are not weighed, they hold, except where two of them would seat
together who must not be.

n = 1, 2, 3 and 7 cannot be cut into tables of four to six: the first three make one smaller table, seven make 4 + 3.
Every other n can, if the parties allow. Simulated annealing by swaps (Kirkpatrick, Gelatt, Vecchi, Science 220, 1983),
seeded and of bounded length: the same people in any order get the same plan.

From the bottom: `people`, `costs` (the integers), `hall` (what does not change while seats are tried), `room` (one way
to sit, and the search), `plan` (the way in). Beside them, without rules of the house: `search` (given costs, given
sizes), `season` (one session after another); `python -m introductions.tables < instance.json` runs these alone.
"""

from introductions.tables.costs import AT_LEAST, pair_cost
from introductions.tables.people import Pair, Person, Rules
from introductions.tables.plan import Plan, cost_of, plan

__all__ = ["AT_LEAST", "Pair", "Person", "Plan", "Rules", "cost_of", "pair_cost", "plan"]
