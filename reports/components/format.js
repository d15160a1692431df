// Formatting of numbers, used by all own components.
import { fmt } from '@evidence-dev/component-utilities/formatting';

export const NO_VALUE = '—';

const isMissing = (value) => value === null || value === undefined || Number.isNaN(value);

export const show = (value, format) => (isMissing(value) ? NO_VALUE : fmt(value, format));

/** «от −3 до 12 ₽»: the unit only once, at the end. */
export function showInterval(low, high, format) {
	if (isMissing(low) || isMissing(high)) return '';
	const end = show(high, format);
	const unit = end.match(/\u00a0[^\d]+$/)?.[0] ?? '';
	const start = show(low, format);
	return `от ${unit && start.endsWith(unit) ? start.slice(0, -unit.length) : start} до ${end}`;
}

/** `plural(5, 'клиент', 'клиента', 'клиентов')` → «клиентов» */
export function plural(count, one, few, many) {
	const tens = Math.abs(count) % 100;
	const units = tens % 10;
	if (tens > 10 && tens < 20) return many;
	if (units === 1) return one;
	return units >= 2 && units <= 4 ? few : many;
}

/** Format of an axis in roubles: in thousands if the amounts are large. */
export const roublesAxis = (rows, column) =>
	Array.from(rows ?? []).some((row) => Math.abs(row[column]) > 5000) ? '#,##0, тыс.;-#,##0, тыс.;0' : '#,##0';
