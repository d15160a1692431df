// Texts about the plan of a trial, built from a row of ab_plan_results.
import { plural, show } from '$lib/format.js';
import { rounded } from '$lib/knobs.js';

const weeks = (count) => `${show(count, '0')} ${plural(count, 'неделю', 'недели', 'недель')}`;
const clients = (count) => show(count, '#,##0');
/** With a decimal only if it is not zero. */
export const percentText = (ratio) => show(ratio, Number.isInteger(rounded(100 * ratio)) ? '0%' : '0.0%');
const isByStation = ({ randomization_unit }) => randomization_unit === 'home_station';
/** Whatever the length of the trial and the size of the effect. */
const isTooFew = ({ units_available_count, least_units_count }) => units_available_count < least_units_count;
const TOO_FEW = 'в меньшей группе нет десяти';

export const effectNote = (/** @type {Record<string, any>} */ { effect_ratio }) => `Эффект ${percentText(effect_ratio)}`;

export function verdictText(/** @type {Record<string, any>} */ { reason_code, weeks_needed, trial_weeks }) {
	if (reason_code === 'nobody_eligible') return 'некому предложить';
	if (reason_code === 'no_variance') return 'не сосчитать';
	if (reason_code === 'too_small') return 'никогда';
	return weeks_needed <= trial_weeks ? 'хватит' : 'мало';
}

const task = ({ effect_ratio, power_prob, trial_weeks }, metric) =>
	`Чтобы за ${weeks(trial_weeks)} с вероятностью ${percentText(power_prob)} увидеть изменение показателя «${metric}» на ${percentText(effect_ratio)}`;

/** Why there is no plan; empty if there is one. */
export function noPlanText({ reason_code }) {
	if (reason_code === 'nobody_eligible') return 'Эту фичу некому предложить.';
	return reason_code === 'no_variance' ? 'Не сосчитать: слишком мало клиентов с историей или визитов.' : '';
}

/** Clients needed and clients available. */
export function needText(row, metric) {
	const { clients_needed_count, clients_available_count } = row;
	return `${task(row, metric)}, нужно клиентов: ${clients(clients_needed_count)}, а предложить можно ${clients(clients_available_count)}.`;
}

/** Whether that is enough, and what the available clients can show otherwise. */
export function judgeText(row) {
	const { reason_code, trial_weeks, weeks_needed, min_effect_ratio } = row;
	if (isTooFew(row)) return `Мало: в меньшей группе нужно хотя бы десять ${isByStation(row) ? 'станций' : 'клиентов'}.`;
	if (reason_code === 'ok' && weeks_needed <= trial_weeks) return `Хватит: если взять всех, эффект виден уже за ${weeks(weeks_needed)}.`;
	const seen = `за ${weeks(trial_weeks)} все они покажут эффект от ${show(min_effect_ratio, '#,##0.0%')}.`;
	return reason_code === 'ok'
		? `Мало: если взять всех, испытание продлится ${weeks(weeks_needed)}; ${seen}`
		: `Мало: не хватит и 52 недель; ${seen}`;
}

/** A note if the trial is longer or shorter than the horizon of the feature results on the site. */
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
