"""The bytes are the contract: golden files for every paper at every width.

When a layout changes on purpose, run once with BOXOFFICE_GOLDEN=write and read the difference.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from boxoffice.printing import escpos
from boxoffice.printing.document import (
    Align,
    Cut,
    DoesNotFit,
    Feed,
    Pair,
    QrCode,
    Rule,
    TearOff,
    Text,
)
from boxoffice.printing.format import BY_COLUMNS, MEDIUM, Format
from boxoffice.printing.rendering import to_bytes, to_plain
from boxoffice.printing.samples import sample
from boxoffice.sales.prints.papers import DocumentKind

GOLDEN = Path(__file__).with_name("golden")
START = b"\x1b@\x1c.\x1bt\x10"


@pytest.mark.parametrize("kind", list(DocumentKind))
@pytest.mark.parametrize("columns", sorted(BY_COLUMNS))
def test_the_bytes_of_a_paper_are_those_of_its_golden_file(kind: DocumentKind, columns: int) -> None:
    paper = sample(kind)
    golden = GOLDEN / f"{kind}-{columns}"
    rendered = to_bytes(paper, BY_COLUMNS[columns])
    plain = to_plain(paper, columns)
    if os.environ.get("BOXOFFICE_GOLDEN") == "write":
        golden.with_suffix(".bin").write_bytes(rendered)
        golden.with_suffix(".txt").write_text(plain, encoding="utf-8")
    assert rendered == golden.with_suffix(".bin").read_bytes()
    assert plain == golden.with_suffix(".txt").read_text(encoding="utf-8")


def test_a_paper_starts_from_a_clean_printer_in_one_code_page() -> None:
    rendered = escpos.render((Text("Œuvre à 8,50 € « été »"), Cut()), MEDIUM)
    assert rendered == START + b"\x8cuvre \xe0 8,50 \x80 \xab \xe9t\xe9 \xbb\n\x1dVB\x00"


def test_the_number_of_the_code_page_is_the_printers() -> None:
    assert escpos.render((), Format(code_page=71)) == b"\x1b@\x1c.\x1bt\x47"


def test_styles_are_set_when_they_change_and_taken_back() -> None:
    document = (
        Text("A", Align.CENTRE, bold=True, wide=2, tall=2),
        Text("B", Align.CENTRE, bold=True, wide=2, tall=2),
        Text("C", invert=True),
        Pair("D", "E"),
    )
    assert escpos.render(document, Format(columns=24)) == (
        START
        + b"\x1d!\x11\x1bE\x01\x1ba\x01A\nB\n"
        + b"\x1d!\x00\x1bE\x00\x1ba\x00\x1dB\x01C\n"
        + b"\x1dB\x00D                      E\n"
    )


def test_rules_feeds_and_tear_off_span_the_paper() -> None:
    rendered = escpos.render((Rule("="), TearOff(), Feed(2)), Format(columns=24))
    assert rendered == START + b"=" * 24 + b"\n" + b"- " * 12 + b"\n" + b"\x1bd\x02"


def test_a_native_qr_code_is_drawn_by_the_printer() -> None:
    rendered = escpos.render((QrCode("TBCDFGHJKLNPRSTVXBCDFGHJKLNPRST"),), MEDIUM)
    assert b"\x1d(k\x03\x001C\x08" in rendered  # 8 dots a module: 25 modules are 28 mm
    assert b"\x1d(k\x03\x001E1" in rendered  # error correction M
    assert b"\x1d(k\x22\x001P0TBCDFGHJKLNPRSTVXBCDFGHJKLNPRST" in rendered
    assert len(rendered) < 100


def test_a_printer_without_qr_codes_is_sent_an_image_of_the_same_size() -> None:
    rendered = escpos.render((QrCode("TBCDFGHJKLNPRSTVXBCDFGHJKLNPRST"),), Format(native_qr=False))
    header = b"\x1dv0\x00" + (25).to_bytes(2, "little") + (200).to_bytes(2, "little")
    _before, _, after = rendered.partition(header)
    assert len(after) == 25 * 200 + 3
    assert after[:7] == bytes([0xFF] * 7)  # a finder pattern opens the first row


def test_a_printer_without_a_cutter_feeds_to_its_tear_bar() -> None:
    assert escpos.render((Cut(),), Format(cutter=False)) == START + b"\x1bd\x05"


def test_a_line_too_long_is_refused_rather_than_cut() -> None:
    with pytest.raises(DoesNotFit):
        escpos.render((Text("x" * 43),), MEDIUM)


def test_a_name_cannot_speak_to_the_printer() -> None:
    rendered = escpos.render((Text("Zoé \x1b@\x1dV\x00\x10\x04\x01 Martin"),), MEDIUM)
    assert rendered == START + b"Zo\xe9 @ V Martin\n"


def load_library(**environment: str) -> None:
    """Load python-escpos in a process of its own; it must say nothing, and leave the log alone."""
    program = (
        "import logging\n"
        "from boxoffice.printing.library import escpos_printers\n"
        "escpos_printers()\n"
        "assert logging.getLogger().handlers == []\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_loading_the_library_leaves_the_log_and_the_disk_alone(tmp_path: Path) -> None:
    load_library(TMPDIR=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_the_user_chose_for_the_library_is_kept(tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    (chosen / "mine.txt").touch()
    load_library(TMPDIR=str(tmp_path), ESCPOS_CAPABILITIES_PICKLE_DIR=str(chosen))
    assert (chosen / "mine.txt").exists()
