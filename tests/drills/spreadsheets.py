"""Our tables opened in LibreOffice: nothing in them is run, and every cell says what it said.

LibreOffice is not brought along: `apt-get install --no-install-recommends libreoffice-calc`.
"""

import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from archive import spreadsheets

NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
ATTACKS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "＝1+1", "\u3000=1+1", "  =1+1", "\t=1+1", "=cmd|' /C calc'!A0", "|calc",
    '=HYPERLINK("http://a.example")', "%0A=1", "'=1", "=\n1", "a\n=1+1", '=DDE("x";"y")', "{=1+1}", "−1+1",
    "髙橋 齋 𠮷", "a;b,c\td", '"=1+1"', "2024-05-09", "007", "1e5", "TRUE",
]  # fmt: skip
# What LibreOffice makes of 2024-05-09, 007 and 1-: a day or a number, which runs nothing.
NUMBER = re.compile(r"-?\d+(\.\d+)?(E[+-]?\d+)?")
CELLS = 3000


def cells() -> list[str]:
    """Attacks known by name, and the same thousands of generated texts each time."""
    found: dict[str, None] = dict.fromkeys(ATTACKS)
    signs = st.sampled_from([*"=+-@|%＝＋－＠\t\r\n '\"\u3000\ufeff", "SUM(", "1", "a", "髙", ")", ";", "!", "A1"])

    @settings(max_examples=CELLS, database=None, derandomize=True, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.lists(signs, min_size=1, max_size=7).map("".join))
    def collect(text: str) -> None:
        found[text] = None

    collect()
    return list(found)


def test_libreoffice_runs_nothing_and_reads_everything(tmp_path: Path) -> None:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.fail("LibreOffice is not here: apt-get install --no-install-recommends libreoffice-calc")
    asked = cells()
    table = tmp_path / "table.csv"
    table.write_text("".join(spreadsheets.table(["number", "text"], enumerate(asked))), encoding="utf-8", newline="")
    # 44,34,76: comma, quotation mark, UTF-8; as somebody opens it by a double click.
    subprocess.run(
        [
            program, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
            "--infilter=CSV:44,34,76,1", "--convert-to", "xlsx", "--outdir", tmp_path, table,
        ],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    rows = dict(read(tmp_path / "table.xlsx"))
    assert len(rows) == len(asked)
    other = {text: rows[number] for number, text in enumerate(asked) if rows[number] != normal(spreadsheets.cell(text))}
    assert {text: read_as for text, read_as in other.items() if not NUMBER.fullmatch(read_as)} == {}
    print(f"{len(asked):,} cells, none of them a formula; {len(other)} read as a day or a number")


def normal(text: str) -> str:
    """What a cell can show: line ends as one, no control characters."""
    text = re.sub("[\r\n]+", "\n", text)
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)


def read(path: Path) -> Iterator[tuple[int, str]]:
    """Number and text of each row; a cell with a formula fails."""
    with zipfile.ZipFile(path) as book:
        strings = [
            "".join(part.text or "" for part in one.iter(f"{{{NS['x']}}}t"))
            for one in ET.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314 - LibreOffice wrote it
        ]
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - as above
    assert sheet.findall(".//x:f", NS) == []
    for row in sheet.findall(".//x:row", NS)[1:]:
        values = []
        for cell in row.findall("x:c", NS):
            value = cell.findtext("x:v", "", NS)
            values.append(strings[int(value)] if cell.get("t") == "s" else value)
        yield int(float(values[0])), normal(values[1]) if len(values) > 1 else ""
