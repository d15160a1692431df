// Evidence formats numbers and dates with SheetJS's `ssf` (Excel format codes), which has no locales. This module replaces
// it (see svelte.config.js) with the same codes in Russian notation: 1 234,5 · 12,3 % · −5 · 7 марта 2025.
import SSF from '../node_modules/ssf/ssf.js';

const NBSP = '\u00a0';
const MINUS = '\u2212';

const MONTHS = [
	// English, Russian genitive (after a day), nominative, short
	['January', 'января', 'январь', 'янв'],
	['February', 'февраля', 'февраль', 'фев'],
	['March', 'марта', 'март', 'мар'],
	['April', 'апреля', 'апрель', 'апр'],
	['May', 'мая', 'май', 'май'],
	['June', 'июня', 'июнь', 'июн'],
	['July', 'июля', 'июль', 'июл'],
	['August', 'августа', 'август', 'авг'],
	['September', 'сентября', 'сентябрь', 'сен'],
	['October', 'октября', 'октябрь', 'окт'],
	['November', 'ноября', 'ноябрь', 'ноя'],
	['December', 'декабря', 'декабрь', 'дек']
];

const MONTH_NAME = new RegExp(MONTHS.flatMap(([english]) => [english, english.slice(0, 3)]).join('|'), 'g');

/** Quotes literal text, as Excel requires, so that codes can be written as `0.0 л` and `dd.mm.yyyy`. */
function quoteLiterals(code) {
	return code
		.split(/("[^"]*")/)
		.map((part, index) =>
			index % 2 ? part : part.replace(/[₽А-Яа-яЁё][₽А-Яа-яЁё./]*/g, '"$&"').replace(/(?<=[dmy])\.(?=[dmyh])/g, '"."')
		)
		.join('');
}

function russianDate(text, code) {
	const afterDay = /d[\s"]+mmmm/.test(code);
	return text.replace(MONTH_NAME, (name) => {
		const [english, genitive, nominative, short] = /** @type {string[]} */ (MONTHS.find(([full]) => full.startsWith(name)));
		// "May" is both the full name and its abbreviation: the code decides.
		if (name === english && /mmmm/.test(code)) return afterDay ? genitive : nominative;
		return short;
	});
}

function russianNumber(text) {
	return text
		.replace(/(\d),(?=\d{3})/g, `$1${NBSP}`)
		.replace(/(\d)\.(?=\d)/g, '$1,')
		.replace(/(\d) ?%/g, `$1${NBSP}%`)
		.replace(/ (?=[₽А-Яа-яЁё])/g, NBSP)
		// A value that rounds to zero has no sign.
		.replace(/^[-+](?=0(?:,0+)?(?![\d,]))/, '')
		.replace(/^-/, MINUS);
}

function format(code, value, options) {
	if (typeof code !== 'string') return SSF.format(code, value, options);
	const quoted = quoteLiterals(code);
	const text = SSF.format(quoted, value, options);
	if (SSF.is_date(quoted)) return russianDate(text, quoted);
	const isNumber = typeof value === 'number' || typeof value === 'bigint';
	return isNumber ? russianNumber(text) : text;
}

export default { ...SSF, format };
