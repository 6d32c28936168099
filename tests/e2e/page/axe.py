"""axe-core, which knows most of what WCAG asks of a page that a program can see."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

_SCRIPT = Path(__file__).resolve().parents[3] / "client/web/node_modules/axe-core/axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RUN = """async (rules) => {
  const { violations, passes } = await axe.run(document, { runOnly: rules });
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
    `${id} at ${target.flat().join(" ")}: ${failureSummary}`));
  return { found, passed: passes.map(({ id }) => id) };
}"""


@cache
def _script() -> str:
    return _SCRIPT.read_text()


def axe(page: Page) -> list[str]:
    """All that is wrong on the page as it is now; fails where axe did not look at colours, and so at nothing much."""
    page.evaluate(_script())
    result = page.evaluate(RUN, _RULES)
    assert "color-contrast" in result["passed"]
    return list(result["found"])
