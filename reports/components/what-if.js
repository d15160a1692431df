// The settings of the what-if page: what can be turned, how far, and how it goes into SQL. docs/whatif.md tells what each is.
const roubles = (value) => (Number.isInteger(value) ? '#,##0 ₽' : '#,##0.00 ₽');

/** The smallest of 1, 2, 2.5, 5, 10 × 10ⁿ that is not below `number`. */
export function roundUp(number) {
	const power = 10 ** Math.floor(Math.log10(number));
	return power * [1, 2, 2.5, 5, 10].find((factor) => factor * power >= number * (1 - 1e-9));
}

/**
 * What can be turned for a feature: `start` is what was tried; a setting is the knob's value × `scale`.
 * @param {Record<string, any>} tried row of whatif_features
 */
export function knobsOf(tried) {
	const hasDiscount = tried.cost_rub_per_l > 0;
	const perLitre = {
		code: 'cost_rub_per_l',
		min: 0,
		label: 'Скидка на литр',
		start: tried.cost_rub_per_l,
		max: roundUp(Math.max(3 * tried.cost_rub_per_l, 1)),
		step: 0.1,
		format: () => '#,##0.00 ₽/л'
	};
	const perVisit = {
		code: 'cost_rub_per_visit',
		min: 0,
		label: 'Расход на визит откликнувшегося',
		start: tried.cost_rub_per_visit,
		max: roundUp(Math.max(3 * tried.cost_rub_per_visit, 100)),
		step: 1,
		format: roubles
	};
	const largestFixed = roundUp(Math.max(3 * tried.cost_rub_per_month, 2 * Math.abs(tried.fuel_margin_rub_per_month ?? 0), 10_000));
	return [
		...(hasDiscount ? [perLitre] : []),
		...(!hasDiscount || tried.cost_rub_per_visit > 0 ? [perVisit] : []),
		{
			code: 'cost_rub_per_client_per_month',
			min: 0,
			label: 'За каждого, кому предложили, в месяц',
			start: tried.cost_rub_per_client_per_month,
			max: roundUp(Math.max(3 * tried.cost_rub_per_client_per_month, 100)),
			step: 1,
			format: roubles
		},
		{
			code: 'cost_rub_per_month',
			min: 0,
			label: 'Постоянный расход в месяц',
			start: tried.cost_rub_per_month,
			max: largestFixed,
			step: largestFixed / 100,
			format: roubles
		},
		{
			code: 'treated_share',
			label: 'Доля тех, кому можно, которой предложат',
			start: 100,
			min: 5,
			max: 100,
			step: 5,
			scale: 0.01,
			format: () => '0"%"'
		},
		{
			code: 'horizon_weeks',
			label: 'Горизонт',
			start: tried.horizon_weeks,
			min: Math.min(4, tried.horizon_weeks),
			max: 52,
			step: 1,
			format: () => '0 нед.'
		},
		{
			code: 'fuel_margin_scale',
			min: 0,
			label: 'Маржа топлива относительно нынешней',
			start: 100,
			max: 200,
			step: 5,
			scale: 0.01,
			format: () => '0"%"'
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
	const quoted = (text) => `'${String(text).replaceAll("'", "''")}'`;
	const settings = {
		cost_rub_per_l: String(tried.cost_rub_per_l ?? 0),
		cost_rub_per_visit: String(tried.cost_rub_per_visit ?? 0),
		shop_margin_share: String(tried.shop_margin_share ?? 0),
		response_elasticity: String(elasticity)
	};
	for (const { code, scale } of knobsOf(tried)) {
		// 7 × 0.01 is not 0.07: the number that was meant goes into the query.
		settings[code] = String(scale ? Number((values[code] * scale).toPrecision(12)) : (values[code] ?? 0));
	}
	const isAll = portraits === null;
	return {
		...settings,
		feature_code: quoted(tried.feature_code),
		is_all: String(isAll),
		portraits: (isAll ? [''] : ['', ...portraits]).map(quoted).join(', '),
		// Names the settings, so that numbers can be told from those of other settings.
		state: [tried.feature_code, ...Object.values(settings), isAll ? 'all' : portraits.join(' ')].join(' ').replaceAll("'", '')
	};
}
