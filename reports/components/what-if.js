// The settings of the what-if page: what can be turned, how far, how it goes into SQL and into a link. docs/whatif.md tells
// what each is.
import { addressOf, meant, numbersOf, percent, quoted, readValues, stateOf } from './knobs.js';

const roubles = (value) => (Number.isInteger(value) ? '#,##0 ₽' : '#,##0.00 ₽');

/** The smallest of 1, 2, 2.5, 5, 10 × 10ⁿ that is not below `number`. */
export function roundUp(number) {
	const power = 10 ** Math.floor(Math.log10(number));
	return power * [1, 2, 2.5, 5, 10].find((factor) => factor * power >= number * (1 - 1e-9));
}

/**
 * What can be turned for a feature: see knobs.js. A knob starts at what was tried.
 * @param {Record<string, any>} tried row of whatif_features
 */
export function knobsOf(tried) {
	const hasDiscount = tried.cost_rub_per_l > 0;
	const perLitre = {
		code: 'cost_rub_per_l',
		label: 'Скидка на литр',
		unit: '₽/л',
		start: tried.cost_rub_per_l,
		min: 0,
		max: roundUp(Math.max(3 * tried.cost_rub_per_l, 1)),
		step: 0.1,
		digits: 2,
		format: () => '#,##0.00 ₽/л'
	};
	const perVisit = {
		code: 'cost_rub_per_visit',
		label: 'Расход на одно использование',
		unit: '₽',
		start: tried.cost_rub_per_visit,
		min: 0,
		max: roundUp(Math.max(3 * tried.cost_rub_per_visit, 100)),
		step: 1,
		digits: 2,
		format: roubles,
		note: ' — за визит, на котором пользуются фичей'
	};
	const largestFixed = roundUp(Math.max(3 * tried.cost_rub_per_month, 2 * Math.abs(tried.fuel_margin_rub_per_month ?? 0), 10_000));
	return [
		...(hasDiscount ? [perLitre] : []),
		...(!hasDiscount || tried.cost_rub_per_visit > 0 ? [perVisit] : []),
		{
			code: 'cost_rub_per_client_per_month',
			label: 'Плата за клиента в месяц',
			unit: '₽',
			start: tried.cost_rub_per_client_per_month,
			min: 0,
			max: roundUp(Math.max(3 * tried.cost_rub_per_client_per_month, 100)),
			step: 1,
			digits: 2,
			format: roubles,
			note: ' — за каждого, кому предложат'
		},
		{
			code: 'cost_rub_per_month',
			label: 'Постоянный расход в месяц',
			unit: '₽',
			start: tried.cost_rub_per_month,
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
			note: ` — стольким предложат${tried.randomization_unit === 'home_station' ? ', станциями целиком' : ''}`
		},
		{
			code: 'horizon_weeks',
			label: 'Горизонт',
			unit: 'нед.',
			start: tried.horizon_weeks,
			min: Math.min(4, tried.horizon_weeks),
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
			start: meant(100 * tried.shop_margin_share),
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
 * What a query needs to know. Texts, as they are put into SQL.
 * @param {Record<string, any>} tried row of whatif_features
 * @param {Record<string, number>} values of the knobs
 * @param {0 | 1} elasticity
 * @param {string[] | null} portraits that are aimed at; null: all of them
 */
export function settingsOf(tried, values, elasticity, portraits) {
	const settings = {
		cost_rub_per_l: String(tried.cost_rub_per_l),
		cost_rub_per_visit: String(tried.cost_rub_per_visit),
		response_elasticity: String(elasticity),
		...numbersOf(knobsOf(tried), values)
	};
	const isAll = portraits === null;
	return {
		...settings,
		feature_code: quoted(tried.feature_code),
		is_all: String(isAll),
		portraits: (isAll ? [''] : ['', ...portraits]).map(quoted).join(', '),
		state: stateOf(tried.feature_code, ...Object.values(settings), isAll ? 'all' : portraits.join(' '))
	};
}

/** The settings as the part of an address behind «#»: the feature, and what is not as it was tried. */
export const linkOf = (tried, values, elasticity, portraits) =>
	addressOf(tried.feature_code, tried.state_code === 'ok' ? knobsOf(tried) : [], values, [
		...(elasticity ? [['response_elasticity', String(elasticity)]] : []),
		...(portraits === null ? [] : [['portraits', portraits.join(' ')]])
	]);

/**
 * The settings that a link names. A feature and portraits are taken only if they are among those that there are.
 * @param {string} link the part of an address behind «#»
 * @param {Record<string, any>[]} features rows of whatif_features
 * @param {Record<string, any>[]} portraits rows of whatif_portraits
 * @returns {{ tried: Record<string, any>, values: Record<string, number>, elasticity: 0 | 1, portraits: string[] | null } | undefined}
 */
export function readLink(link, features, portraits) {
	const named = new URLSearchParams(link);
	const tried = features.find(({ feature_code }) => feature_code === named.get('feature'));
	if (!tried) return undefined;
	if (tried.state_code !== 'ok') return { tried, values: {}, elasticity: 0, portraits: null };
	const codes = named.get('portraits')?.split(' ');
	const known = portraits.filter(({ feature_code }) => feature_code === tried.feature_code).map((row) => row.portrait_code);
	const isElastic = tried.cost_rub_per_l > 0 && named.get('response_elasticity') === '1';
	return {
		tried,
		values: readValues(named, knobsOf(tried)),
		elasticity: isElastic ? 1 : 0,
		portraits: codes ? known.filter((code) => codes.includes(code)) : null
	};
}
