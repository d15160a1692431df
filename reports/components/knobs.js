// Settings that are turned by knobs: how they go into SQL and into a link, and are read from one. A knob has a code, where it
// starts, and what it allows: `choices`, or numbers from `min` to `max` with up to `digits` decimals, of which `step` is the
// slider's; the setting is the knob's value × `scale`.
import { clamp } from './scale.js';

/** 7 × 0.01 is not 0.07: the number that is meant. */
export const meant = (number) => Number(number.toPrecision(12));

export const percent = (value) => (Number.isInteger(value) ? '0"%"' : '0.0"%"');

/** A text as SQL takes it. */
export const quoted = (text) => `'${String(text).replaceAll("'", "''")}'`;

/** Where the knobs start, by code. */
export const startsOf = (knobs) => Object.fromEntries(knobs.map(({ code, start }) => [code, start]));

/** The settings by code, as they are put into SQL. */
export const numbersOf = (knobs, values) =>
	Object.fromEntries(knobs.map(({ code, scale = 1 }) => [code, String(meant(values[code] * scale))]));

/** Names settings, so that numbers can be told from those of other settings. */
export const stateOf = (featureCode, ...texts) => [featureCode, ...texts].join(' ').replaceAll("'", '');

/**
 * The settings as the part of an address behind «#»: the feature, and what is not where it starts.
 * @param {[string, string][]} others pairs beside those of the knobs
 */
export const addressOf = (featureCode, knobs, values, others = []) =>
	new URLSearchParams([
		['feature', featureCode],
		...knobs.filter(({ code, start }) => values[code] !== start).map(({ code }) => [code, String(values[code])]),
		...others
	]).toString();

const allowed = (number, knob) => (knob.choices ? knob.choices.find((choice) => choice === number) : clamp(number, knob));

/**
 * The values that a link names. It may come from anywhere: a knob stays where it starts unless its number is one, and no
 * number goes beyond what the knob allows.
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
