// Sentences about a feature, built from its row.
import { plural, show, showInterval } from '$lib/format.js';

const COST_PARTS = [
	['cost_rub_per_visit', '₽ за визит откликнувшегося'],
	['cost_rub_per_l', '₽ за литр откликнувшегося'],
	['cost_rub_per_client_per_month', '₽ в месяц за каждого, кому предложили'],
	['fixed_cost_rub_per_month', '₽ в месяц постоянно']
];

const amount = (value) => show(value, Number.isInteger(value) ? '#,##0' : '#,##0.0');

export const costText = (row) =>
	COST_PARTS.filter(([column]) => row?.[column])
		.map(([column, unit]) => `${amount(row[column])} ${unit}`)
		.join('; ') || 'нет';

export const significanceText = (row) =>
	Number.isFinite(row?.q_value)
		? `Вывод: p = ${show(row.p_value, '0.000')}, с поправкой на число фич q = ${show(row.q_value, '0.000')}.`
		: 'Значимость не считается.';

const ROUBLES = '#,##0 ₽';

/** What an interval says about the sign of the profit. */
const certainty = (low, high) => {
	if (low > 0) return 'весь интервал выше нуля';
	if (high < 0) return 'весь интервал ниже нуля: это убыток';
	return 'интервал включает ноль: прибыль это или убыток, неизвестно';
};

const profitText = (/** @type {Record<string, any>} */ { uplift, uplift_low, uplift_high }) =>
	`${show(uplift, ROUBLES)} в месяц (${showInterval(uplift_low, uplift_high, ROUBLES)}; ${certainty(uplift_low, uplift_high)})`;

const countText = (count) => `${show(count, '#,##0')} ${plural(count, 'клиент', 'клиента', 'клиентов')}`;

/**
 * Text about the clients to whom a feature should be offered.
 *
 * @param {Record<string, any>[]} rows of feature_targeting.sql, by share, from 0 to 1
 * @param {boolean} isByStation whole stations are targeted
 */
export function targetingText(rows, isByStation) {
	const everyone = rows[rows.length - 1];
	const chosen = rows.find((row) => Number.isFinite(row.recommended));
	const all = `всем, кому можно (${countText(everyone.clients_count)}): ${profitText(everyone)}`;
	const whole = isByStation ? ' Станции выбираются целиком, со всеми своими клиентами.' : '';
	if (!chosen?.targeted_share) {
		// The recommended share is rounded to the points of the curve: 0 means less than half a step.
		const few = show(rows[1].targeted_share / 2, '0.0%');
		return `Советовать почти некого: прогноз обещает прибыль меньше чем от ${few} клиентов. Предложить ${all}.${whole}`;
	}
	if (chosen === everyone) return `Прогноз обещает прибыль почти от каждого. Предложить ${all}.${whole}`;
	const share = `${show(chosen.targeted_share, '0%')} клиентов (${countText(chosen.clients_count)})`;
	return `Прогноз обещает прибыль примерно от ${share}. Предложить только им: ${profitText(chosen)}; ${all}.${whole}`;
}

/** Why a feature has no targeting curve. */
export function targetingEmptyText(row, source) {
	if (row?.basis_code === 'rules_scenario') return 'Испытания этой фичи не было: выбирать отдельных клиентов не по чему.';
	if (source === 'own') return 'По пилоту из своих файлов отдельные клиенты не выбираются.';
	return 'Испытание слишком мало, чтобы выбирать отдельных клиентов: нужно хотя бы по 50 в каждой группе.';
}

/** Text about how fast interest fades. */
export function interestText(row) {
	if (!Number.isFinite(row.fitted_share)) return 'Откликов слишком мало, чтобы провести по ним кривую.';
	if (!Number.isFinite(row.half_life_weeks)) return 'За время эксперимента интерес не спадал.';
	const weeks = (value) => show(value, '0.0');
	const high = Number.isFinite(row.half_life_weeks_high) ? ` до ${weeks(row.half_life_weeks_high)}` : ', сверху предела не видно';
	const interval = Number.isFinite(row.half_life_weeks_low) ? ` (от ${weeks(row.half_life_weeks_low)}${high})` : '';
	return `Разогревшись, интерес спадает вдвое за ${weeks(row.half_life_weeks)} нед.${interval}.`;
}

/** Text about the personal offers of a feature, all portraits together. */
export function offersText(row) {
	const clients = `У ${show(row.clients_count, '#,##0')} ${plural(row.clients_count, 'клиента', 'клиентов', 'клиентов')} это лучшее личное предложение`;
	const predicted = `предсказанная прибыль — ${show(row.predicted_profit_rub_per_month, ROUBLES)} в месяц`;
	const { profit_rub_per_month: profit, profit_rub_per_month_low: low, profit_rub_per_month_high: high } = row;
	if (!Number.isFinite(profit)) return `${clients}: ${predicted}; чтобы проверить её по исходам, клиентов слишком мало.`;
	return `${clients}: ${predicted}; по исходам испытания — ${show(profit, ROUBLES)} (${showInterval(low, high, ROUBLES)}; ${certainty(low, high)}).`;
}

/** «A», «B» and the number of the rest. */
export function quotedList(names, limit = 3) {
	const named = names.slice(0, limit).map((name) => `«${name}»`);
	const rest = names.length - named.length;
	if (rest) return `${named.join(', ')} и ещё ${rest}`;
	return named.length > 1 ? `${named.slice(0, -1).join(', ')} и ${named[named.length - 1]}` : (named[0] ?? '');
}

/**
 * Text about the features that pay off.
 *
 * @param {Record<string, any>[]} rows of features.sql, by profit, descending
 */
export function portfolioText(rows) {
	const tested = rows.filter((row) => row.basis_code === 'experiment' && Number.isFinite(row.profit_rub_per_month));
	if (!tested.length) return '';
	const names = (part) => part.map(({ feature, profit_rub_per_month: profit }) => `«${feature}» (${show(profit, ROUBLES)} в месяц)`).join(', ');
	const profitable = tested.filter((row) => row.profit_rub_per_month_low > 0);
	// Of many intervals one is above zero by chance: only the verdict is corrected for multiple comparisons.
	const proven = profitable.filter((row) => row.verdict_code === 'works');
	const promising = profitable.filter((row) => row.verdict_code !== 'works');
	const losing = tested.filter((row) => row.profit_rub_per_month_high < 0);
	const uncertain = tested.length - profitable.length - losing.length;
	const count = (number) => `${number} ${plural(number, 'фича', 'фичи', 'фич')}`;
	return [
		proven.length
			? `Если предложить всем, кому можно, работают и окупаются: ${names(proven)}.`
			: 'Нет фичи, которая доказанно работает и окупается, если предложить её всем, кому можно.',
		promising.length ? `Обещают прибыль, но с поправкой на число фич действие не доказано: ${names(promising)}; сначала пилот.` : '',
		losing.length ? `Убыточны: ${names(losing)}.` : '',
		uncertain ? `Про остальное (${count(uncertain)}) не видно: интервал прибыли включает ноль.` : ''
	]
		.filter(Boolean)
		.join(' ');
}

/** Text about what a feature adds to the forecast, and whether it is distinguishable from chance. */
export function effectText(row) {
	if (!row) return '';
	if (!row.eligible_count) return 'Этим клиентам фичу предложить нельзя: прогноз остаётся тем же.';
	const { profit_rub_per_month: profit, profit_rub_per_month_low: low, profit_rub_per_month_high: high } = row;
	const offer = `Если предложить всем, кому можно (${countText(row.eligible_count)}), `;
	if (!Number.isFinite(low)) return `${offer}прибавку оценить нельзя: в одной из групп слишком мало клиентов.`;
	return `${offer}прибыль — ${show(profit, ROUBLES)} в месяц (${showInterval(low, high, ROUBLES)}; ${certainty(low, high)}).`;
}
