"""What somebody looks for in the past. All of it is optional, and what nobody could have chosen is as if not there."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from unicodedata import normalize

from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.industries import Industry
from members.names import clean_line
from search.models import Document
from search.tokens import QUERY_LENGTH, named

Kind = Document.Kind


TOPIC_LENGTH = 60  # of Talk.tags
NUMBER = re.compile(r"第 ?([0-9]{1,5}) ?回?|([0-9]{1,5}) ?回目?|(?:no\.?|#) ?([0-9]{1,5})", re.IGNORECASE)


class Place(StrEnum):
    """Where to look."""

    ALL = ""
    TALKS = "talks"
    GUESTS = "guests"
    BOOKS = "books"
    REPORTS = "reports"
    TAKEAWAYS = "takeaways"


WORDS = {
    Place.ALL: _("Everything"),
    Place.TALKS: _("Talks"),
    Place.GUESTS: _("Guests"),
    Place.BOOKS: pgettext_lazy("where to look", "Books"),
    Place.REPORTS: _("Reports"),
    Place.TAKEAWAYS: _("Taken home"),
}
KINDS = {
    Place.ALL: (),
    Place.TALKS: (Kind.SESSION, Kind.TALK),
    Place.GUESTS: (Kind.SPEAKER,),
    Place.BOOKS: (Kind.BOOK,),
    Place.REPORTS: (Kind.REPORT,),
    Place.TAKEAWAYS: (Kind.TAKEAWAY,),
}


# What is read for its own sake: without a word to look for, all of it.
READ = (Place.REPORTS, Place.TAKEAWAYS)


class Order(StrEnum):
    NEWEST = ""
    BEST = "best"


@dataclass(frozen=True)
class Wish:
    """A query string, read. `series` is a slug, `year` 0 for every year, `guest` a name, `industry` a code."""

    text: str = ""
    place: Place = Place.ALL
    order: Order = Order.NEWEST
    year: int = 0
    series: str = ""
    guest: str = ""
    industry: str = ""
    topic: str = ""
    page: int = 1

    @property
    def number(self) -> int:
        """Which morning is asked for by its number (第33回, No. 33) and nothing besides; 0 for none."""
        match = NUMBER.fullmatch(normalize("NFKC", self.text))
        return int(next(filter(None, match.groups()))) if match else 0

    @property
    def query(self) -> str:
        """The query string of this wish without its page, ending in &, for links to pages."""
        given = {"q": self.text, "in": self.place, "sort": self.order, "series": self.series, "year": self.year or ""}
        given |= {"guest": self.guest, "industry": self.industry, "topic": self.topic}
        query = urlencode({name: str(value) for name, value in given.items() if value})
        return f"{query}&" if query else ""

    @property
    def scope(self) -> str:
        """The query string of its series and year alone, for the figures."""
        return Wish(series=self.series, year=self.year).query

    def without(self, name: str) -> Wish:
        """The same but for one filter, from its first page."""
        return replace(self, page=1, **{name: getattr(Wish, name)})

    @property
    def everywhere(self) -> Wish:
        """The same words without the filters."""
        return Wish(text=self.text)

    @property
    def asks(self) -> bool:
        """Whether documents are looked for: by words, or all of a place that is read for its own sake."""
        return bool(self.text) or self.place in READ

    @property
    def is_narrow(self) -> bool:
        return replace(self, page=1, order=Order.NEWEST) != self.everywhere


def read(query: QueryDict) -> Wish:
    """The wish of a request."""
    year, page = query.get("year", ""), query.get("page", "")
    place, order = query.get("in", ""), query.get("sort", "")
    guest, industry = clean_line(query.get("guest", "")[:QUERY_LENGTH]), query.get("industry", "")
    return Wish(
        text=clean_line(query.get("q", "")[:QUERY_LENGTH]),
        place=Place(place) if place in set(Place) else Place.ALL,
        order=Order(order) if order in set(Order) else Order.NEWEST,
        year=int(year) if len(year) == 4 and year.isascii() and year.isdigit() else 0,
        series=query.get("series", "")[:60].replace("\x00", ""),
        guest=guest if named(guest) else "",
        industry=industry if industry in Industry.values else "",
        topic=clean_line(query.get("topic", "")[:TOPIC_LENGTH]),
        page=int(page) if len(page) < 6 and page.isascii() and page.isdigit() else 1,
    )
