// The settings of the page of plans: what can be turned, how far, how it goes into SQL and into a link.
import { addressOf, meant, numbersOf, percent, quoted, readValues, stateOf } from './knobs.js';

const LONGEST_WEEKS = 52;

/** Probabilities to see the effect that the warehouse tells the formula's factor for, %, the smallest first. */
const powersOf = ({ powers }) =>
	powers
		.split(',')
		.map((power) => meant(100 * Number(power)))
		.sort((one, other) => one - other);

/**
 * What can be turned for a feature: see knobs.js.
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
 * What the queries need to know. Texts, as they are put into SQL.
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

/** The settings as the part of an address behind «#»: the feature, and what is not where it starts. */
export const linkOf = (feature, values) => addressOf(feature.feature_code, knobsOf(feature), values);

/**
 * The settings that a link names, if it names a feature that there is.
 * @param {string} link the part of an address behind «#»
 * @param {Record<string, any>[]} features rows of ab_plan_features
 */
export function readLink(link, features) {
	const named = new URLSearchParams(link);
	const feature = features.find(({ feature_code }) => feature_code === named.get('feature'));
	return feature && { feature, values: readValues(named, knobsOf(feature)) };
}

const PERCENT = 100;
/** The curve goes as far as the effects that the queries ask for. */
const LARGEST_PERCENT = 60;

/**
 * The part of the curve that tells something: from a little below the chosen effect, or the smallest that all clients show if
 * that is less, to twice the greater of the two. Before it the numbers grow so large that nothing else could be seen.
 * @param {Record<string, any>[]} rows plans of the whole feature at many effects
 * @param {Record<string, any>} plan the one that was chosen
 */
export function curveOf(rows, plan) {
	const effects = [plan.effect_ratio, plan.min_effect_ratio].filter(Number.isFinite);
	const from = meant(0.8 * Math.min(...effects));
	const twice = 2 * PERCENT * Math.max(...effects);
	const step = twice < 10 ? 1 : 5;
	const to = Math.min(Math.ceil(twice / step - 1e-9) * step, LARGEST_PERCENT) / PERCENT;
	return rows
		.filter(({ clients_needed_count, effect_ratio }) => Number.isFinite(clients_needed_count) && effect_ratio >= from && effect_ratio <= to)
		.sort((one, other) => one.effect_ratio - other.effect_ratio);
}
