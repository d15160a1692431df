// Tables as files that a Russian Excel opens by itself: semicolons between the cells, commas in the numbers.
// Numbers keep all their digits and stand in the units that their column's heading names.

/** @typedef {{ column: string, label: string, fmt?: string, fmtColumn?: string }} Column */

/** «#,##0.0,, млн ₽» shows millions: the heading says so, and the file has to agree with it. */
const thousands = (format) => /[0#](,+)(?![\d#,])/.exec(format?.split(';')[0] ?? '')?.[1].length ?? 0;

const padded = (number) => String(number).padStart(2, '0');

function day(date, format) {
	const text = `${padded(date.getDate())}.${padded(date.getMonth() + 1)}.${date.getFullYear()}`;
	return /h/i.test(format ?? '') ? `${text} ${padded(date.getHours())}:${padded(date.getMinutes())}` : text;
}

/** What a program for tables would take for a formula is text: it may come from somebody's own data. */
const plain = (text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

const quoted = (text) => (/[";\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** One value as it stands in the file. */
export function csvValue(value, format) {
	if (value === null || value === undefined || Number.isNaN(value)) return '';
	if (value instanceof Date) return day(value, format);
	if (typeof value === 'boolean') return value ? 'да' : 'нет';
	if (typeof value === 'bigint' || typeof value === 'number') {
		return String(Number((Number(value) / 1000 ** thousands(format)).toPrecision(12))).replace('.', ',');
	}
	return quoted(plain(String(value)));
}

/** «, ₽», «, млн», «, доля»: what the heading of a column has to add, when it does not say so itself. */
export function unitOf(format, label = '') {
	const first = format?.split(';')[0] ?? '';
	if (/[yhm]/i.test(first)) return '';
	const written = first.replace(/^.*[0#@](?:,+(?![\d#]))?/, '').replaceAll('"', '').trim();
	const unit = first.includes('%') ? 'доля' : written || ['', 'тыс.', 'млн', 'млрд'][thousands(format)];
	const isSaid = !unit || label.toLowerCase().includes(unit) || (unit === 'доля' && /дол[яию]|%/i.test(label));
	return isSaid ? '' : `, ${unit}`;
}

/**
 * @param {Record<string, any>[]} rows
 * @param {Column[]} columns
 */
export function toCsv(rows, columns) {
	const headings = columns.map(({ label, fmt }) => quoted(plain(label + unitOf(fmt, label))));
	const lines = rows.map((row) => columns.map(({ column, fmt, fmtColumn }) => csvValue(row[column], fmtColumn ? row[fmtColumn] : fmt)));
	// Excel takes a file for UTF-8 by its first character only.
	return `\ufeff${[headings, ...lines].map((line) => line.join(';')).join('\r\n')}\r\n`;
}

/** «Клиенты и регионы. Регионы за весь период.csv» */
export function csvName(...titles) {
	const name = titles.filter(Boolean).join('. ').replace(/[\\/:*?"<>|\s]+/g, ' ').trim();
	return `${name.slice(0, 150) || 'АЗС TwinLab'}.csv`;
}

/** Hands a file to the reader. */
export function download(name, text) {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
