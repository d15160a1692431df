// Sentences about a feature that are put together from its row.
import { show } from '$lib/format.js';

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
