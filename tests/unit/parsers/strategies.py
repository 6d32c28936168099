"""What parsers are given: any text, any JSON, and good contents that are damaged."""

from typing import Any

from hypothesis import strategies as st

TEXT = st.text(max_size=80)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
# What tears at parsers that recurse, and at numbers without an end.
BOMBS = st.sampled_from(["a = " + "[" * 5000, "a = " + "{a=" * 5000, f"a = 1{'0' * 5000}", "a" + ".a" * 5000 + " = 1"])
_PIECES = st.binary(max_size=8) | TEXT.map(str.encode) | st.sampled_from([b"[", b"{", b'"', b"\0", b"-", b"1e999"])


@st.composite
def damaged(draw: Any, content: bytes) -> bytes:
    """A good content with a piece cut out, and another put there."""
    start = draw(st.integers(0, len(content)))
    end = draw(st.integers(start, min(len(content), start + 40)))
    return content[:start] + draw(_PIECES) + content[end:]
