// Settings controlled by knobs, written to SQL and to a link and read from a link. A knob has a code, a start value, and
// either `choices` or a range from `min` to `max` with up to `digits` decimals and the `step` of its slider. The setting is
// the value of the knob × `scale`.
import { clamp } from './scale.js';

/** Removes floating point noise: 7 × 0.01 becomes 0.07. */
export const rounded = (number) => Number(number.toPrecision(12));

export const percent = (value) => (Number.isInteger(value) ? '0"%"' : '0.0"%"');

/** A text as an SQL literal. */
export const quoted = (text) => `'${String(text).replaceAll("'", "''")}'`;

/** Start values of the knobs by code. */
export const startsOf = (knobs) => Object.fromEntries(knobs.map(({ code, start }) => [code, start]));

/** The settings by code, as SQL text. */
export const numbersOf = (knobs, values) =>
	Object.fromEntries(knobs.map(({ code, scale = 1 }) => [code, String(rounded(values[code] * scale))]));

/** Identifier of settings, so that their numbers can be distinguished from those of other settings. */
export const stateOf = (featureCode, ...texts) => [featureCode, ...texts].join(' ').replaceAll("'", '');

/**
 * The settings as a URL fragment: the feature, and the knobs that differ from their start.
 * @param {[string, string][]} others further pairs
 */
export const addressOf = (featureCode, knobs, values, others = []) =>
	new URLSearchParams([
		['feature', featureCode],
		...knobs.filter(({ code, start }) => values[code] !== start).map(({ code }) => [code, String(values[code])]),
		...others
	]).toString();

const allowed = (number, knob) => (knob.choices ? knob.choices.find((choice) => choice === number) : clamp(number, knob));

/**
 * Values of the knobs in a link, which is untrusted: a knob without a valid number keeps its start value, and numbers are
 * clamped to what the knob allows.
 * @param {URLSearchParams} named
 */
export function readValues(named, knobs) {
	const values = startsOf(knobs);
	for (const knob of knobs) {
		const text = named.get(knob.code);
		const number = Number(text);
		if (text?.trim() && Number.isFinite(number)) values[knob.code] = allowed(number, knob) ?? knob.start;
	}
	return values;
}
