// Words about the plan of a trial, put together from a row of ab_plan_results.
import { plural, show } from '$lib/format.js';
import { meant } from '$lib/knobs.js';

const weeks = (count) => `${show(count, '0')} ${plural(count, 'неделю', 'недели', 'недель')}`;
const clients = (count) => show(count, '#,##0');
/** With a decimal where there is one. */
export const percentText = (ratio) => show(ratio, Number.isInteger(meant(100 * ratio)) ? '0%' : '0.0%');
const isByStation = ({ randomization_unit }) => randomization_unit === 'home_station';
/** However long the trial, and however large the effect. */
const isTooFew = ({ units_available_count, least_units_count }) => units_available_count < least_units_count;
const TOO_FEW = 'в меньшей группе нет десяти';

export const effectNote = ({ effect_ratio }) => `Эффект ${percentText(effect_ratio)}`;

export function verdictText({ reason_code, weeks_needed, trial_weeks }) {
	if (reason_code === 'nobody_eligible') return 'некому предложить';
	if (reason_code === 'no_variance') return 'не сосчитать';
	if (reason_code === 'too_small') return 'никогда';
	return weeks_needed <= trial_weeks ? 'хватит' : 'мало';
}

const task = ({ effect_ratio, power_prob, trial_weeks }, metric) =>
	`Чтобы за ${weeks(trial_weeks)} с вероятностью ${percentText(power_prob)} увидеть изменение показателя «${metric}» на ${percentText(effect_ratio)}`;

/** Why there is no plan; nothing where there is one. */
export function noPlanText({ reason_code }) {
	if (reason_code === 'nobody_eligible') return 'Эту фичу некому предложить.';
	return reason_code === 'no_variance' ? 'Не сосчитать: слишком мало клиентов с историей или визитов.' : '';
}

/** How many are needed, and how many there are. */
export function needText(row, metric) {
	const { clients_needed_count, clients_available_count } = row;
	return `${task(row, metric)}, нужно клиентов: ${clients(clients_needed_count)}, а предложить можно ${clients(clients_available_count)}.`;
}

/** Whether that is enough, and what else those that there are would show. */
export function judgeText(row) {
	const { reason_code, trial_weeks, weeks_needed, min_effect_ratio } = row;
	if (isTooFew(row)) return `Мало: в меньшей группе нужно хотя бы десять ${isByStation(row) ? 'станций' : 'клиентов'}.`;
	if (reason_code === 'ok' && weeks_needed <= trial_weeks) return `Хватит: если взять всех, эффект виден уже за ${weeks(weeks_needed)}.`;
	const seen = `за ${weeks(trial_weeks)} все они покажут эффект от ${show(min_effect_ratio, '#,##0.0%')}.`;
	return reason_code === 'ok'
		? `Мало: если взять всех, испытание продлится ${weeks(weeks_needed)}; ${seen}`
		: `Мало: не хватит и 52 недель; ${seen}`;
}

/** That the trial is of another length than what the site tells of features. */
export function lengthText({ trial_weeks, horizon_weeks }) {
	if (trial_weeks === horizon_weeks) return '';
	return `Итоги фич на этом сайте — в среднем за ${weeks(horizon_weeks)}; в среднем за ${weeks(trial_weeks)} эффект может быть другим.`;
}

export function neededNote(row) {
	const { trial_weeks, units_needed_count, least_units_count } = row;
	const both = `в обеих группах за ${weeks(trial_weeks)}`;
	if (!Number.isFinite(units_needed_count)) return both;
	const stations = isByStation(row) ? `; станций: ${show(units_needed_count, '#,##0')}` : '';
	return `${both}${stations}${units_needed_count === least_units_count ? '; в меньшей — хотя бы десять' : ''}`;
}

export const availableNote = (row) =>
	isByStation(row) ? `делят станции: ${show(row.units_available_count, '#,##0')}` : 'делят клиентов';

export function weeksNote(row) {
	if (isTooFew(row)) return TOO_FEW;
	return row.reason_code === 'too_small' ? 'больше 52' : 'наименьший срок';
}

export const effectsNote = (row) => (isTooFew(row) ? TOO_FEW : `если взять всех на ${weeks(row.trial_weeks)}`);
