"""Any schedule there can be, for tests with Hypothesis."""

from datetime import date

from hypothesis import strategies as st

from events import recurrence
from events.recurrence import Day, Freq, Holidays, Rule, Yearly

MO, TU, WE, TH, FR, SA, SU = range(7)
TODAY = date(2026, 11, 20)
WORKDAYS = tuple(Day(weekday) for weekday in range(5))
DATES = st.dates(date(2026, 12, 1), date(2028, 11, 1))
EACH = st.builds(Day, st.integers(MO, SU), st.just(0))
NTHS = st.sampled_from([1, 2, 3, 4, 5, -1])
NUMBERED = st.builds(Day, st.integers(MO, SU), NTHS)
MONTHS = st.sets(st.integers(1, 12), max_size=4)
MONTHDAYS = st.sets(st.sampled_from([-1, *range(1, 32)]), min_size=1, max_size=4)
EDGES = st.tuples(st.integers(1, 12), st.integers(1, 28))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Each kind with what may go with it."""
    freq = draw(st.sampled_from([None, *Freq]))
    fields: dict[str, object] = {
        "freq": freq,
        "dates": draw(st.sets(DATES, min_size=0 if freq else 1, max_size=3)),
        "exdates": draw(st.sets(DATES, max_size=3)),
        "holidays": draw(st.sampled_from(Holidays)),
        "closed_on": draw(st.sets(DATES, max_size=3)),
        "closed_yearly": draw(st.sets(st.builds(Yearly, EDGES, EDGES), max_size=2)),
    }
    if freq:
        fields["interval"] = draw(st.integers(1, 3) | st.integers(1, 52))
        fields["months"] = draw(MONTHS)
        fields |= draw(
            st.fixed_dictionaries({"until": DATES})
            | st.fixed_dictionaries({"count": st.integers(1, 200)})
            | st.just({})
        )
    days = [st.just({})]
    if freq is Freq.WEEKLY:
        days = [st.fixed_dictionaries({"weekdays": st.sets(EACH, max_size=7)})]
    if freq is Freq.MONTHLY:
        days += [st.fixed_dictionaries({"weekdays": st.just(WORKDAYS), "setpos": NTHS})]
    if freq in {Freq.MONTHLY, Freq.YEARLY}:
        days += [
            st.fixed_dictionaries({"weekdays": st.sets(NUMBERED, min_size=1, max_size=4)}),
            st.fixed_dictionaries({"monthdays": MONTHDAYS}),
        ]
    fields |= draw(st.one_of(days))
    if freq is Freq.YEARLY and len(fields.keys() & {"weekdays", "monthdays"}):
        fields["months"] = draw(st.sets(st.integers(1, 12), min_size=1, max_size=4))
    if "monthdays" in fields:
        fields["monthdays"] |= {draw(st.integers(1, 28))}
    return Rule(**fields)


def parse(text: str) -> Rule:
    """As a host in Tokyo enters it today."""
    return recurrence.parse(text, tz="Asia/Tokyo", today=TODAY)
