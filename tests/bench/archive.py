"""Search and browsing over a real archive: seconds to take it in, milliseconds and statements a page."""

import time
from statistics import quantiles

from django.urls import reverse
from django.utils.http import urlencode

from events.models import Session, Talk
from tests.bench import site
from tests.bench.pages import ANEW, Page, asked, counted

MOST_SECONDS = 30
TIMES = 15
ROW = "{:34} {:>8} {:>8} {:>11}"
WORDS = ["python", "django", "the", "データ", "機械学習", "testing", '"machine learning" -deep']
NOT_THERE = ["nothing-like-this", "djagno"]
MOST_STATEMENTS = 3


def main(talks: str) -> int:
    """Print the table; how many limits were missed."""
    seconds = site.manage("import_archive", talks)
    again = site.manage("import_archive", talks)
    print(f"\n{Session.objects.count():,} sessions, {Talk.objects.count():,} talks; taken in {seconds:.1f} s, ", end="")
    print(f"once more {again:.1f} s{'' if seconds <= MOST_SECONDS else f'  MISSED: at most {MOST_SECONDS}'}\n")
    print(ROW.format("page (in process)", "p50 ms", "p95 ms", "statements"))
    archive = reverse("archive")
    missed = int(seconds > MOST_SECONDS)
    for name, query in [
        ("archive", {}),
        ("archive, page 5", {"page": 5}),
        ("archive ?guest=hettinger", {"guest": "hettinger"}),
        ("archive ?topic=django", {"topic": "django"}),
        *((f"archive ?q={word}", {"q": word}) for word in WORDS),
        ("archive ?q=python&guest=hettinger", {"q": "python", "guest": "hettinger"}),
    ]:
        missed += told(Page(name, f"{archive}?{urlencode(query)}", ANEW, most_statements=MOST_STATEMENTS))
    # What is nearly it is looked for where nothing is found.
    for word in NOT_THERE:
        page = f"{archive}?{urlencode({'q': word})}"
        missed += told(Page(f"archive ?q={word}", page, ANEW, most_statements=MOST_STATEMENTS + 1))
    missed += told(Page("figures, kept", reverse("figures"), ANEW, most_statements=1))
    return missed


def told(page: Page) -> bool:
    """Print what a page made anew costs; whether it asks too often."""
    asked(page)
    milliseconds = []
    for _ in range(TIMES):
        began = time.perf_counter()
        with counted() as seen:
            response = asked(page)
        milliseconds.append((time.perf_counter() - began) * 1000)
    assert response.status_code == 200, page.name
    cuts = quantiles(milliseconds, n=20)
    is_chatty = page.most_statements is not None and len(seen) > page.most_statements
    figures = (page.name, f"{cuts[9]:.0f}", f"{cuts[18]:.0f}", len(seen))
    print(ROW.format(*figures) + ("  MISSED" if is_chatty else ""), flush=True)
    return is_chatty
