"""What somebody looks for in the past. All of it is optional, and what nobody could have chosen is as if not there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.names import clean_line
from search.models import Document
from search.tokens import QUERY_LENGTH

Kind = Document.Kind


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


class Order(StrEnum):
    NEWEST = ""
    BEST = "best"


@dataclass(frozen=True)
class Wish:
    """A query string, read. `series` is a slug, `year` 0 for every year."""

    text: str = ""
    place: Place = Place.ALL
    order: Order = Order.NEWEST
    year: int = 0
    series: str = ""
    page: int = 1

    @property
    def query(self) -> str:
        """The query string of this wish without its page, ending in &, for links to pages."""
        named = {"q": self.text, "in": self.place, "sort": self.order, "series": self.series}
        given = {name: str(value) for name, value in named.items() if value}
        if self.year:
            given["year"] = str(self.year)
        return f"{urlencode(given)}&" if given else ""

    @property
    def everywhere(self) -> Wish:
        """The same words without the filters."""
        return Wish(text=self.text)

    @property
    def is_narrow(self) -> bool:
        return replace(self, page=1, order=Order.NEWEST) != self.everywhere


def read(query: QueryDict) -> Wish:
    """The wish of a request."""
    year, page = query.get("year", ""), query.get("page", "")
    place, order = query.get("in", ""), query.get("sort", "")
    return Wish(
        text=clean_line(query.get("q", "")[:QUERY_LENGTH]),
        place=Place(place) if place in set(Place) else Place.ALL,
        order=Order(order) if order in set(Order) else Order.NEWEST,
        year=int(year) if len(year) == 4 and year.isascii() and year.isdigit() else 0,
        series=query.get("series", "")[:60].replace("\x00", ""),
        page=int(page) if len(page) < 6 and page.isascii() and page.isdigit() else 1,
    )
