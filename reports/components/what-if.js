// Settings of the what-if page: knobs, their limits, and their form in SQL and in a link. They are described in
// docs/whatif.md.
import { addressOf, rounded, numbersOf, percent, quoted, readValues, stateOf } from './knobs.js';

const roubles = (value) => (Number.isInteger(value) ? '#,##0 ₽' : '#,##0.00 ₽');

/** The smallest of 1, 2, 2.5, 5, 10 × 10ⁿ that is at least `number`. */
export function roundUp(number) {
	const power = 10 ** Math.floor(Math.log10(number));
	return power * ([1, 2, 2.5, 5].find((factor) => factor * power >= number * (1 - 1e-9)) ?? 10);
}

/**
 * Knobs of a feature, see knobs.js. A knob starts at the value that was tried.
 * @param {Record<string, any>} feature row of whatif_features
 */
export function knobsOf(feature) {
	const hasDiscount = feature.cost_rub_per_l > 0;
	const perLitre = {
		code: 'cost_rub_per_l',
		label: 'Скидка на литр',
		unit: '₽/л',
		start: feature.cost_rub_per_l,
		min: 0,
		max: roundUp(Math.max(3 * feature.cost_rub_per_l, 1)),
		step: 0.1,
		digits: 2,
		format: () => '#,##0.00 ₽/л'
	};
	const perVisit = {
		code: 'cost_rub_per_visit',
		label: 'Расход на одно использование',
		unit: '₽',
		start: feature.cost_rub_per_visit,
		min: 0,
		max: roundUp(Math.max(3 * feature.cost_rub_per_visit, 100)),
		step: 1,
		digits: 2,
		format: roubles,
		note: ' — за визит, на котором пользуются фичей'
	};
	const largestFixed = roundUp(Math.max(3 * feature.cost_rub_per_month, 2 * Math.abs(feature.fuel_margin_rub_per_month ?? 0), 10_000));
	return [
		...(hasDiscount ? [perLitre] : []),
		...(!hasDiscount || feature.cost_rub_per_visit > 0 ? [perVisit] : []),
		{
			code: 'cost_rub_per_client_per_month',
			label: 'Плата за клиента в месяц',
			unit: '₽',
			start: feature.cost_rub_per_client_per_month,
			min: 0,
			max: roundUp(Math.max(3 * feature.cost_rub_per_client_per_month, 100)),
			step: 1,
			digits: 2,
			format: roubles,
			note: ' — за каждого, кому предложат'
		},
		{
			code: 'cost_rub_per_month',
			label: 'Постоянный расход в месяц',
			unit: '₽',
			start: feature.cost_rub_per_month,
			min: 0,
			max: largestFixed,
			step: largestFixed / 100,
			digits: 2,
			format: roubles
		},
		{
			code: 'treated_share',
			label: 'Доля клиентов',
			unit: '%',
			start: 100,
			min: 5,
			max: 100,
			step: 5,
			digits: 1,
			scale: 0.01,
			format: percent,
			startLabel: 'исходно',
			note: ` — стольким предложат${feature.randomization_unit === 'home_station' ? ', станциями целиком' : ''}`
		},
		{
			code: 'horizon_weeks',
			label: 'Горизонт',
			unit: 'нед.',
			start: feature.horizon_weeks,
			min: Math.min(4, feature.horizon_weeks),
			max: 52,
			step: 1,
			digits: 0,
			format: () => '0 нед.',
			note: ' — деньги в месяц в среднем за этот срок'
		},
		{
			code: 'fuel_margin_scale',
			label: 'Маржа топлива от нынешней',
			unit: '%',
			start: 100,
			min: 0,
			max: 200,
			step: 5,
			digits: 1,
			scale: 0.01,
			format: percent,
			startLabel: 'исходно'
		},
		{
			code: 'shop_margin_share',
			label: 'Маржа магазина',
			unit: '%',
			start: rounded(100 * feature.shop_margin_share),
			min: 0,
			max: 100,
			step: 1,
			digits: 1,
			scale: 0.01,
			format: percent,
			startLabel: 'исходно',
			note: ' цены товара'
		}
	];
}

/**
 * Settings for the queries, as SQL text.
 * @param {Record<string, any>} feature row of whatif_features
 * @param {Record<string, number>} values of the knobs
 * @param {0 | 1} elasticity
 * @param {string[] | null} portraits selected portraits; null: all of them
 */
export function settingsOf(feature, values, elasticity, portraits) {
	const settings = {
		cost_rub_per_l: String(feature.cost_rub_per_l),
		cost_rub_per_visit: String(feature.cost_rub_per_visit),
		response_elasticity: String(elasticity),
		...numbersOf(knobsOf(feature), values)
	};
	const isAll = portraits === null;
	return {
		...settings,
		feature_code: quoted(feature.feature_code),
		is_all: String(isAll),
		portraits: (isAll ? [''] : ['', ...portraits]).map(quoted).join(', '),
		state: stateOf(feature.feature_code, ...Object.values(settings), isAll ? 'all' : portraits.join(' '))
	};
}

/** The settings as a URL fragment: the feature, and what differs from the values that were tried. */
export function linkOf(feature, values, elasticity, portraits) {
	/** @type {[string, string][]} */
	const others = [];
	if (elasticity) others.push(['response_elasticity', String(elasticity)]);
	if (portraits !== null) others.push(['portraits', portraits.join(' ')]);
	return addressOf(feature.feature_code, feature.state_code === 'ok' ? knobsOf(feature) : [], values, others);
}

/**
 * Settings in a link. An unknown feature gives undefined, unknown portraits are ignored.
 * @param {string} link URL fragment
 * @param {Record<string, any>[]} features rows of whatif_features
 * @param {Record<string, any>[]} portraits rows of whatif_portraits
 * @returns {{ feature: Record<string, any>, values: Record<string, number>, elasticity: 0 | 1, portraits: string[] | null } | undefined}
 */
export function readLink(link, features, portraits) {
	const named = new URLSearchParams(link);
	const feature = features.find(({ feature_code }) => feature_code === named.get('feature'));
	if (!feature) return undefined;
	if (feature.state_code !== 'ok') return { feature, values: {}, elasticity: 0, portraits: null };
	const codes = named.get('portraits')?.split(' ');
	const known = portraits.filter(({ feature_code }) => feature_code === feature.feature_code).map((row) => row.portrait_code);
	const isElastic = feature.cost_rub_per_l > 0 && named.get('response_elasticity') === '1';
	return {
		feature,
		values: readValues(named, knobsOf(feature)),
		elasticity: isElastic ? 1 : 0,
		portraits: codes ? known.filter((code) => codes.includes(code)) : null
	};
}
