// Colours and axes shared by the own charts. Colour-blind readers can distinguish teal from brown.
const WHITE = [250, 251, 251];
const TEAL = [11, 95, 107];
const BROWN = [180, 83, 10];

export const SERIES_COLOURS = { main: '#0b5f6b', other: '#d98a00', quiet: '#9aa7ad', band: '#0b5f6b' };

const mix = (from, to, share) => from.map((part, index) => Math.round(part + (to[index] - part) * share));

const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);

/** Contrast of two colours by WCAG 2: from 1 to 21; readable text has 4.5 or more. */
export function contrast(one, other) {
	const [dark, light] = [one, other]
		.map((parts) => parts.map((part) => linear(part / 255)))
		.map(([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue)
		.sort((first, second) => first - second);
	return (light + 0.05) / (dark + 0.05);
}

/** Black: nothing lighter is readable on every colour that is too light for white. */
const TEXT_COLOURS = [
	[255, 255, 255],
	[0, 0, 0]
];

const css = (parts) => `rgb(${parts.join(' ')})`;

/** Background and readable text colour of a cell; `share` from −1 to 1, 0 is neutral. */
export function cellColours(share) {
	const strength = Math.min(1, Math.abs(share));
	const background = mix(WHITE, share < 0 ? BROWN : TEAL, strength);
	return { background: css(background), text: css(TEXT_COLOURS.find((text) => contrast(background, text) >= 4.5)) };
}

/** Stripes instead of a colour for inconclusive cells. */
export const HATCH = { dark: [214, 221, 224], light: [247, 248, 249], text: [74, 90, 97] };

export const hatchStyle = `--hatch-dark: ${css(HATCH.dark)}; --hatch-light: ${css(HATCH.light)}; --hatch-text: ${css(HATCH.text)}`;

/** Round numbers between `low` and `high`, about `count` of them. */
export function ticks(low, high, count = 3) {
	const raw = (high - low) / count;
	if (!(raw > 0)) return [low];
	const power = 10 ** Math.floor(Math.log10(raw));
	const step = power * ([1, 2, 2.5, 5].find((factor) => factor * power >= raw) ?? 10);
	const first = Math.ceil(low / step - 1e-9);
	const last = Math.floor(high / step + 1e-9);
	// Counted in whole steps, so that zero is zero and not 1e-17.
	return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** Width of a digit and gap between two labels of an axis, px. */
const DIGIT = 6.5;
const GAP = 6;

/**
 * Labels of an axis that fit without overlap: zero first, then from the ends inwards.
 *
 * @param {{ at: number, text: string, isZero: boolean }[]} labels `at`: position on the axis, %
 * @param {number} width of the axis, px
 * @returns {{ at: number, text: string, isZero: boolean, edge: 'first' | 'last' | '' }[]}
 */
export function fittingLabels(labels, width) {
	const placed = labels.map((label) => {
		const size = label.text.length * DIGIT;
		const middle = (label.at / 100) * width;
		// A label that would extend beyond the axis starts, or ends, at its mark.
		/** @type {'first' | 'last' | ''} */
		const edge = middle < size / 2 ? 'first' : middle + size / 2 > width ? 'last' : '';
		const start = middle - size * (edge === 'first' ? 0 : edge === 'last' ? 1 : 0.5);
		return { label: { ...label, edge }, start, end: start + size };
	});
	const outwards = ({ label }) => (label.isZero ? Infinity : Math.abs(label.at - 50));
	const kept = [];
	for (const one of placed.sort((first, second) => outwards(second) - outwards(first))) {
		if (kept.every((other) => one.start >= other.end + GAP || one.end <= other.start - GAP)) kept.push(one);
	}
	return kept.map(({ label }) => label);
}

/**
 * Axis range for estimates with intervals: it always includes zero, and one very wide interval (a portrait with a handful of
 * clients) is clipped instead of squeezing all others.
 */
export function estimateDomain(rows) {
	const numbers = rows.flatMap(({ value, low, high, reference }) => [value, low, high, reference]).filter(Number.isFinite);
	const largest = Math.max(...rows.flatMap(({ value, reference }) => [Math.abs(value), reference]).filter(Number.isFinite), 0);
	const limit = largest > 0 ? 2.5 * largest : Infinity;
	const low = Math.max(Math.min(0, ...numbers), -limit);
	const high = Math.min(Math.max(0, ...numbers), limit);
	const margin = (high - low || 1) * 0.04;
	return [low < 0 ? low - margin : 0, high > 0 ? high + margin : low < 0 ? 0 : 1];
}

/** The closest allowed number: from `min` to `max`, with at most `digits` decimals. */
export const clamp = (number, { min, max, digits }) => Math.min(max, Math.max(min, Number(number.toFixed(digits))));

/** Parses typed text with a decimal comma or point and spaces between thousands; NaN if it is not a number. */
export const typedNumber = (text) => {
	const plain = text.replace(/\s/g, '').replace('−', '-').replace(',', '.');
	return plain === '' ? NaN : Number(plain);
};
