"""Every link of the documents leads somewhere, every threat has a test, and every picture is shown."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*.md"), ROOT / "client/web/README.md"]
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def links(document: Path) -> Iterator[tuple[Path, str]]:
    """The file that each link within the repository names, and the part of it."""
    for match in LINK.finditer(document.read_text()):
        link = match[1] or match[2]
        if not link.startswith(("http://", "https://")):
            path, _, part = link.partition("#")
            yield (document.parent / path if path else document).resolve(), part


def parts(document: Path) -> set[str]:
    """What a link can name in a document: its headings, as they are written in addresses."""
    headings = HEADING.findall(document.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    found = list(links(document))
    assert [path for path, _ in found if not path.exists()] == []
    assert [(path, part) for path, part in found if part and part not in parts(path)] == []


def test_every_threat_has_a_test_that_is_there() -> None:
    table = (ROOT / "docs/security.md").read_text().partition("## Threats")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    tests = [re.findall(r"\(\.\./(tests/[\w/]+/test_\w+\.py)\)", row.split(" | ")[-1]) for row in rows]
    assert len(rows) > 0
    assert [row for row, named in zip(rows, tests, strict=True) if not named] == []
    assert [test for named in tests for test in named if not (ROOT / test).is_file()] == []


def test_every_picture_is_shown() -> None:
    shown = {path for document in DOCUMENTS for path, _ in links(document)}
    assert set((ROOT / "docs/images").iterdir()) <= shown
