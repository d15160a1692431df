// Sentences about what to offer to a portrait, built from its rows.
import { quotedList } from '$lib/feature-text.js';
import { plural, show, showInterval } from '$lib/format.js';

const ROUBLES = '#,##0 ₽';

const earned = (row) => {
	const interval = showInterval(row.profit_rub_per_client_per_month_low, row.profit_rub_per_client_per_month_high, ROUBLES);
	return `«${row.feature}»: ${show(row.profit_rub_per_client_per_month, ROUBLES)} на клиента в месяц${interval && ` (${interval})`}`;
};

/** Which profitable features are significant after correction for multiple comparisons: the best of several is overestimated. */
function proofText(proven, count) {
	if (proven.length === count) return '';
	if (!proven.length) return ', но с поправкой на число проверок действие не доказано: сначала пилот';
	return `; с поправкой на число проверок доказано: ${quotedList(proven, 9)}, остальное сначала проверьте в пилоте`;
}

/**
 * Text about the best features for a portrait, by profit per client.
 *
 * @param {Record<string, any>[]} rows of feature_portraits.sql of one portrait, by profit, descending
 */
export function adviceText(rows) {
	const known = rows.filter((row) => Number.isFinite(row.profit_rub_per_client_per_month));
	const tested = known.filter((row) => row.basis_code === 'experiment');
	if (!rows.length) return '';
	if (!known.length) return 'Посчитать, что предложить этим клиентам, не из чего.';
	if (!tested.length) {
		return `Эксперимента не было. По правилам поведения выше всего прибыль у фичи ${earned(known[0])} — повод для пилота, а не результат.`;
	}
	const profitable = tested.filter((row) => row.profit_rub_per_month_low > 0);
	const losing = tested.filter((row) => row.profit_rub_per_month_high < 0);
	const loss = losing.length ? ` В убыток здесь: ${quotedList(losing.map(({ feature }) => feature), 9)}.` : '';
	if (profitable.length) {
		const others = profitable.slice(1, 3).map(earned).join('; ');
		const rest = profitable.length - 3;
		const more = others && `; затем ${others}${rest > 0 ? ` и ещё ${rest}` : ''}`;
		const proven = profitable.filter(({ verdict_code }) => verdict_code === 'works').map(({ feature }) => feature);
		const verb = profitable[0].verdict_code === 'works' ? 'приносит' : 'обещает';
		const sure = `${others ? 'Их интервалы целиком' : 'Весь интервал'} выше нуля`;
		return `Больше всего ${verb} ${earned(profitable[0])}${more}. ${sure}${proofText(proven, profitable.length)}.${loss}`;
	}
	const count = `${tested.length} ${plural(tested.length, 'испытанная фича', 'испытанные фичи', 'испытанных фич')}`;
	if (losing.length === tested.length) return `Предлагать нечего: ${count}, и все здесь убыточны.`;
	const [best] = tested;
	const pilot = best.profit_rub_per_client_per_month > 0 ? ' — повод для пилота, а не для запуска' : '';
	return `Что им предложить, не доказано: ${count}, и ни у одной интервал прибыли не лежит выше нуля целиком. Выше всех оценка у фичи ${earned(best)}${pilot}.${loss}`;
}

/**
 * Text about the clients of a portrait with a personal offer.
 *
 * @param {Record<string, any>[]} rows of feature_offers.sql of one portrait, by frequency, descending
 * @param {number} clientsCount clients of the portrait
 */
export function offersText(rows, clientsCount) {
	if (!rows.length) return 'Личного предложения нет ни у кого из них: прогноз ни от кого не обещает прибыли, или согласия на предложения они не давали.';
	const count = rows.reduce((sum, row) => sum + row.clients_count, 0);
	const who = `${show(count, '#,##0')} из ${show(clientsCount, '#,##0')} ${plural(clientsCount, 'клиента', 'клиентов', 'клиентов')}`;
	const [first] = rows;
	const most = rows.length > 1 ? `чаще всего это «${first.feature}»: ${show(first.clients_count, '#,##0')}` : `это «${first.feature}»`;
	return `Лучшее личное предложение есть у ${who} (${show(count / clientsCount, '0%')}), ${most}.`;
}
