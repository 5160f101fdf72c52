"""A receipt on paper: A5, lying. What it says stands in the row; nothing is looked up when it is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from events import dates
from events.fees import fee
from events.paper import BLUE, HAIR, INK, SOFT, paper, write
from purse.models import Receipt

if TYPE_CHECKING:
    from fpdf import FPDF

WIDTH, EDGE = 210, 20
INNER = WIDTH - 2 * EDGE


def pdf(receipt: Receipt, *, copy: int = 0, is_for_the_book: bool = False) -> bytes:
    """The receipt in the language it was drawn up in. `copy` marks a second one, `is_for_the_book` the host's own."""
    with override(receipt.language):
        sheet = paper(_("Receipt"), receipt.language)
        sheet.add_page(format=(148.5, WIDTH), orientation="L")
        mark = _mark(receipt, copy, is_for_the_book)
        write(sheet, _("Receipt"), (EDGE, 16, INNER * 0.6), 26, colour=INK)
        on = dates.day(receipt.paid_on, receipt.language, year=True)
        number = _("Receipt no. %(number)s") % {"number": receipt.label}
        write(sheet, number, (EDGE, 16, INNER), 11, colour=SOFT, align="R")
        write(sheet, on, (EDGE, 22, INNER), 11, colour=SOFT, align="R")
        write(sheet, mark, (EDGE, 28, INNER), 11, colour=BLUE, align="R")
        write(sheet, addressed(receipt), (EDGE, 40, INNER), 17, colour=INK)
        _line(sheet, 50)
        write(sheet, fee(receipt.amount, receipt.currency), (EDGE, 58, INNER), 34, colour=INK, align="C")
        _line(sheet, 76)
        write(sheet, purpose(receipt), (EDGE, 82, INNER), 12, colour=INK)
        write(sheet, _("Received with thanks."), (EDGE, 90, INNER), 12, colour=INK)
        write(sheet, receipt.issuer, (EDGE, 108, INNER), 14, colour=INK, align="R")
        write(sheet, receipt.issuer_address, (EDGE, 116, INNER), 10, colour=SOFT, align="R")
        write(sheet, registration(receipt), (EDGE, 122, INNER), 10, colour=SOFT, align="R")
        return bytes(sheet.output())


def addressed(receipt: Receipt) -> str:
    """潮見 耕介 様, かもめ商店 御中; in English the name alone."""
    return f"{receipt.addressee} {receipt.suffix}" if receipt.language == "ja" else receipt.addressee


def purpose(receipt: Receipt) -> str:
    """但し 第132回 朝食会 会費として（2名分）."""
    said = _("For: %(purpose)s") % {"purpose": receipt.purpose}
    if receipt.people > 1:
        said += ngettext(" (%(number)s person)", " (%(number)s people)", receipt.people) % {"number": receipt.people}
    return said


def registration(receipt: Receipt) -> str:
    """The number, or that there is none."""
    if receipt.registration:
        return _("Registration number %(number)s") % {"number": receipt.registration}
    return _("Not a registered issuer of qualified invoices; there is no registration number.")


def _mark(receipt: Receipt, copy: int, is_for_the_book: bool) -> str:
    if receipt.voided_at is not None:
        return _("VOID")
    if is_for_the_book:
        return _("the issuer's copy")
    return _("copy no. %(number)s of one drawn up before") % {"number": copy} if copy else ""


def _line(sheet: FPDF, y: float) -> None:
    sheet.set_draw_color(*HAIR)
    sheet.set_line_width(0.3)
    sheet.line(EDGE, y, EDGE + INNER, y)
