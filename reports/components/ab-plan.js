// Settings of the A/B planner page: knobs, their limits, and their form in SQL and in a link.
import { addressOf, rounded, numbersOf, percent, quoted, readValues, stateOf } from './knobs.js';

const LONGEST_WEEKS = 52;

/**
 * Powers for which the warehouse has the factor of the formula, %, ascending.
 * @param {Record<string, any>} feature row of ab_plan_features
 */
const powersOf = ({ powers }) =>
	powers
		.split(',')
		.map((power) => rounded(100 * Number(power)))
		.sort((one, other) => one - other);

/**
 * Knobs of a feature, see knobs.js.
 * @param {Record<string, any>} feature row of ab_plan_features
 */
export function knobsOf(feature) {
	const powers = powersOf(feature);
	return [
		{
			code: 'effect',
			label: 'Какой эффект увидеть',
			unit: '%',
			start: 10,
			min: 1,
			max: 50,
			step: 1,
			digits: 1,
			scale: 0.01,
			format: percent,
			startLabel: 'исходно'
		},
		{
			code: 'weeks',
			label: 'Срок испытания',
			unit: 'нед.',
			start: Math.min(feature.horizon_weeks, LONGEST_WEEKS),
			min: 1,
			max: LONGEST_WEEKS,
			step: 1,
			digits: 0,
			format: () => '0 нед.',
			startLabel: 'как в итогах фич'
		},
		{
			code: 'control',
			label: 'Доля контроля',
			unit: '%',
			start: 50,
			min: 5,
			max: 50,
			step: 5,
			digits: 1,
			scale: 0.01,
			format: percent,
			startLabel: 'исходно',
			note: ' — им не предлагают'
		},
		{ code: 'power', start: powers[0], choices: powers, scale: 0.01 }
	];
}

/**
 * Settings for the queries, as SQL text.
 * @param {Record<string, any>} feature row of ab_plan_features
 * @param {Record<string, number>} values of the knobs
 */
export function settingsOf(feature, values) {
	const numbers = numbersOf(knobsOf(feature), values);
	return {
		...numbers,
		feature_code: quoted(feature.feature_code),
		state: stateOf(feature.feature_code, ...Object.values(numbers))
	};
}

/** The settings as a URL fragment: the feature, and the knobs that differ from their start. */
export const linkOf = (feature, values) => addressOf(feature.feature_code, knobsOf(feature), values);

/**
 * Settings in a link; undefined if its feature does not exist.
 * @param {string} link URL fragment
 * @param {Record<string, any>[]} features rows of ab_plan_features
 */
export function readLink(link, features) {
	const named = new URLSearchParams(link);
	const feature = features.find(({ feature_code }) => feature_code === named.get('feature'));
	return feature && { feature, values: readValues(named, knobsOf(feature)) };
}

const PERCENT = 100;
/** Largest effect computed by the queries. */
const LARGEST_PERCENT = 60;

/**
 * Informative part of the curve: from slightly below the smaller of the chosen and the minimum detectable effect to twice
 * the larger one. For smaller effects the counts grow so large that they would dwarf the rest.
 * @param {Record<string, any>[]} rows plans of the whole feature at many effects
 * @param {Record<string, any>} plan the chosen one
 */
export function curveOf(rows, plan) {
	const effects = [plan.effect_ratio, plan.min_effect_ratio].filter(Number.isFinite);
	const from = rounded(0.8 * Math.min(...effects));
	const twice = 2 * PERCENT * Math.max(...effects);
	const step = twice < 10 ? 1 : 5;
	const to = Math.min(Math.ceil(twice / step - 1e-9) * step, LARGEST_PERCENT) / PERCENT;
	return rows
		.filter(({ clients_needed_count, effect_ratio }) => Number.isFinite(clients_needed_count) && effect_ratio >= from && effect_ratio <= to)
		.sort((one, other) => one.effect_ratio - other.effect_ratio);
}
