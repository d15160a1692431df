"""Randomly broken documents: the shipped ones with a few changes."""

import copy
import json
from pathlib import Path

from hypothesis import strategies as st

REFERENCE = Path(__file__).parents[1] / "data" / "reference"
SCHEMAS = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((REFERENCE / "schemas").glob("*.schema.json"))
}
SHIPPED = {
    name: json.loads((REFERENCE / file).read_text(encoding="utf-8"))
    for name, file in {name: f"{name}.json" for name in SCHEMAS}.items() | {("mapping", "mappings/ccs_fuel_cards.json")}
    if (REFERENCE / file).is_file()
}

_KEYS = st.text("abz_яё 1", min_size=1, max_size=5)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=90)
    | st.sampled_from(["ai92", "2025-01-01", "true", ""])
)
VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=6,
)


def nodes(document, path=()):
    """Yield the paths of a document with their values, from the top."""
    yield path, document
    for step, child in steps(document):
        yield from nodes(child, (*path, step))


def steps(node):
    if isinstance(node, dict):
        return node.items()
    return enumerate(node) if isinstance(node, list) else ()


def _change(draw, holder, step):
    """Change one value."""
    node = holder[step]
    changes = {"replace", "remove"}
    if isinstance(node, dict):
        changes |= {"extend", "empty"}
    elif isinstance(node, list) and node:
        changes |= {"repeat", "empty"}
    elif isinstance(node, int | float):
        changes |= {"enlarge"}
    match draw(st.sampled_from(sorted(changes))):
        case "replace":
            holder[step] = draw(VALUES)
        case "remove":
            del holder[step]
        case "extend":
            node[draw(_KEYS)] = draw(VALUES)
        case "empty":
            node.clear()
        case "repeat":
            node.append(node[-1])
        case "enlarge":
            holder[step] = -1000 * node


@st.composite
def broken_documents(draw, name):
    """Draw a shipped document with one to four changes; sometimes it is still valid."""
    top = [copy.deepcopy(SHIPPED[name])]
    for _ in range(draw(st.integers(1, 4))):
        places = [(holder, step) for _, holder in nodes(top) for step, _ in steps(holder)]
        if places:
            _change(draw, *draw(st.sampled_from(places)))
    return top[0] if top else draw(VALUES)


@st.composite
def broken_files(draw, name):
    """Draw the bytes of such a document, sometimes damaged: truncated, a character replaced, another encoding."""
    text = json.dumps(draw(broken_documents(name)), ensure_ascii=False)
    position = draw(st.integers(0, len(text) - 1))
    match draw(st.sampled_from(["whole", "whole", "cut", "put in", "encoding", "mark"])):
        case "cut":
            text = text[:position]
        case "put in":
            more = draw(
                st.sampled_from(["NaN", "-Infinity", "1e999", "9" * 400, '{"a": 1, "a": 2}', "[" * 70, ",", "?"])
            )
            text = text[:position] + more + text[position + 1 :]
        case "encoding":
            return text.encode("utf-16")
        case "mark":
            return text.encode("utf-8-sig")
    return text.encode("utf-8")
