"""Colours of the heatmaps: every number can be read on its cell, and the two sides of zero stay apart for every eye."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

SCALE = Path(__file__).parents[3] / "reports" / "components" / "scale.js"
READABLE = 4.5
STEPS = 100

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
EYES = {
    "usual": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def computed(code):
    """Run a script that imports from scale.js and prints JSON."""
    script = f"import {{ cellColours, fittingLabels, HATCH, typedNumber }} from {SCALE.as_uri()!r};{code}"
    command = [shutil.which("node"), "--input-type=module", "-e", script]
    return json.loads(subprocess.run(command, check=True, timeout=60, capture_output=True, text=True).stdout)


@pytest.fixture(scope="module")
def palette():
    """Colours of the cells by share from -1 to 1, and those of hatched cells, as the pages compute them."""
    return computed(
        f"""
        const shares = Array.from({{ length: {2 * STEPS + 1} }}, (_, index) => index / {STEPS} - 1);
        const parts = (text) => text.match(/\\d+/g).map(Number);
        const cells = shares.map((share) => Object.values(cellColours(share)).map(parts));
        console.log(JSON.stringify({{ cells, hatch: HATCH }}));
        """
    )


def linear(colours):
    """Turn sRGB from 0 to 255 into linear light from 0 to 1."""
    share = np.asarray(colours, dtype=float) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """Contrast ratios by WCAG 2."""
    light = np.stack([linear(one) @ TO_XYZ[1], linear(other) @ TO_XYZ[1]]) + 0.05
    return light.max(axis=0) / light.min(axis=0)


def lab(light):
    """CIE L*a*b* of linear light, white D65."""
    ratio = np.clip(light, 0, 1) @ TO_XYZ.T / TO_XYZ.sum(axis=1)
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = root.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def test_every_number_can_be_read_on_its_cell(palette):
    background, text = (np.array(colours) for colours in zip(*palette["cells"], strict=True))
    assert len(background) == 2 * STEPS + 1
    ratios = contrast(background, text)
    assert ratios.min() >= READABLE, (background[ratios.argmin()], text[ratios.argmin()])


@pytest.mark.parametrize("stripe", ["dark", "light"])
def test_a_number_can_be_read_on_the_stripes(palette, stripe):
    hatch = palette["hatch"]
    assert contrast(hatch[stripe], hatch["text"]) >= READABLE


def test_stripes_are_seen(palette):
    lightness = [lab(linear(palette["hatch"][stripe]))[0] for stripe in ("light", "dark")]
    assert lightness[0] - lightness[1] > 5


def test_a_colour_is_darker_the_farther_from_zero(palette):
    lightness = lab(linear([background for background, _ in palette["cells"]]))[:, 0]
    below, above = lightness[: STEPS + 1][::-1], lightness[STEPS:]
    for side in (below, above):
        assert (np.diff(side) <= 0).all()
        assert side[0] - side[-1] > 40


@pytest.mark.parametrize("eye", EYES)
def test_the_sides_of_zero_stay_apart(palette, eye):
    """At half strength and above the same share with another sign is another colour: 10 is plainly seen."""
    seen = lab(linear([background for background, _ in palette["cells"]]) @ np.array(EYES[eye]).T)
    distance = np.linalg.norm(seen[: STEPS // 2 + 1] - seen[STEPS + STEPS // 2 :][::-1], axis=1)
    assert len(distance) == STEPS // 2 + 1
    assert distance.min() > 10


@pytest.mark.parametrize(("width", "count"), [(60, 1), (90, 2), (130, 2), (300, 3), (1500, 4)])
def test_labels_of_an_axis_neither_overlap_nor_stand_out(width, count):
    places = {0: "\u22121\u00a0000 тыс.", 45: "\u2212500 тыс.", 90: "0", 96: "50 тыс."}
    labels = [{"at": at, "text": text, "isZero": text == "0"} for at, text in places.items()]
    kept = computed(f"console.log(JSON.stringify(fittingLabels({json.dumps(labels)}, {width})))")
    assert "0" in [label["text"] for label in kept]
    # Six pixels a sign is what the pages' font takes at most.
    spans = []
    for label in kept:
        size, middle = 6 * len(label["text"]), label["at"] / 100 * width
        start = middle - size * {"first": 0, "": 0.5, "last": 1}[label["edge"]]
        spans.append((start, start + size))
    spans.sort()
    assert spans[0][0] >= 0
    assert spans[-1][1] <= width
    assert all(end < start for (_, end), (start, _) in zip(spans, spans[1:], strict=False))
    assert len(kept) == count


def test_a_number_is_read_as_russians_write_it():
    texts = {"2,5": 2.5, "2.5": 2.5, "1\u00a0234 567,8": 1234567.8, "\u22123": -3, "": None, " ": None, "1,2,3": None}
    code = f"console.log(JSON.stringify({json.dumps(list(texts))}.map(typedNumber)))"
    assert computed(code) == list(texts.values())
