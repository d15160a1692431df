// Sentences about changes, built from rows.
import { show } from '$lib/format.js';

const PERCENT = '+0.0%;-0.0%;0.0%';

/** The network's last full month compared with an earlier one, per day. */
export function changeText(row) {
	if (!row) return '';
	const months = `${show(row.month_start_on, 'mmmm yyyy')}; для сравнения — ${show(row.before_on, 'mmmm yyyy')}`;
	const changes = [
		['выручка', row.revenue_change],
		['визиты', row.visits_change],
		['выручка с визита', row.bill_change]
	].map(([name, share]) => `${name} ${show(share, PERCENT)}`);
	return `В среднем за день (${months}): ${changes.join(', ')}.`;
}

/** The regions with the largest gain and loss; `rows` by revenue_change, descending. */
export function extremesText(rows) {
	if (!(rows?.length > 1)) return '';
	const [best, worst] = [rows[0], rows[rows.length - 1]].map((row) => `${row.region} (${show(row.revenue_change, PERCENT)})`);
	return `Лучше всех по выручке — ${best}, хуже всех — ${worst}.`;
}
