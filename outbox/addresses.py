"""Which addresses no mail reaches, and which look mistyped. Pure; nothing is asked of the network.

RFC 5321 section 4.5.3.1 has the lengths. RFC 5322 section 3.2.3 has no dot at the edge of a local part and no two in a
row; docomo and ezweb once gave such addresses out, and mail servers refuse them.
"""

from __future__ import annotations

from enum import StrEnum

LOCAL_AT_MOST, LABEL_AT_MOST, WHOLE_AT_MOST = 64, 63, 254

# Where people of a breakfast club have their mail. Only slips near these are asked about.
KNOWN = (
    "gmail.com", "yahoo.co.jp", "ymail.ne.jp", "icloud.com", "outlook.com", "outlook.jp", "hotmail.com",
    "hotmail.co.jp", "live.jp", "docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp", "i.softbank.jp", "ymobile.ne.jp",
    "uqmobile.jp", "rakuten.jp", "nifty.com", "biglobe.ne.jp", "ocn.ne.jp",
)  # fmt: skip
# Slips further away than one letter, or that would be another provider's own name.
SLIPS = {
    "gmail.co.jp": "gmail.com",
    "gmail.jp": "gmail.com",
    "gmail.ne.jp": "gmail.com",
    "yahoo.ne.jp": "yahoo.co.jp",
    "docomo.co.jp": "docomo.ne.jp",
    "docomo.jp": "docomo.ne.jp",
    "ezweb.co.jp": "ezweb.ne.jp",
    "softbank.co.jp": "softbank.ne.jp",
    "icloud.co.jp": "icloud.com",
    "icloud.jp": "icloud.com",
}
# One letter away from a known one, and right all the same.
RIGHT = {"mail.com", "email.com", "ymail.com", "live.com", "yahoo.com", "rakuten.co.jp", "gmx.com", "hotmail.jp"}


class Problem(StrEnum):
    """Why no mail will arrive."""

    DOTS = "dots"
    LENGTH = "length"


def problem(address: str) -> Problem | None:
    """What keeps every mail from this address, if anything; whether it is an address at all is asked elsewhere."""
    local, _at, domain = address.rpartition("@")
    if len(address) > WHOLE_AT_MOST or len(local) > LOCAL_AT_MOST:
        return Problem.LENGTH
    if any(len(label) > LABEL_AT_MOST for label in domain.split(".")):
        return Problem.LENGTH
    if ".." in address or local.startswith(".") or local.endswith("."):
        return Problem.DOTS
    return None


def meant(address: str) -> str:
    """The address somebody probably wanted to write (ken@gmial.com → ken@gmail.com), or nothing."""
    local, _at, domain = address.rpartition("@")
    if not local or domain in KNOWN or domain in RIGHT:
        return ""
    found = SLIPS.get(domain) or next((known for known in KNOWN if _is_one_slip(domain, known)), "")
    return f"{local}@{found}" if found else ""


def _is_one_slip(typed: str, known: str) -> bool:
    """One letter too many, missing, wrong, or two neighbours swapped."""
    if abs(len(typed) - len(known)) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(typed, known, strict=False)) if a != b), min(len(typed), len(known)))
    rest, right = typed[at:], known[at:]
    swapped = rest[:2] == right[:2][::-1] and rest[2:] == right[2:]
    return swapped or rest[1:] == right[1:] or rest[1:] == right or rest == right[1:]
