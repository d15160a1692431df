// Tables as CSV files for a Russian Excel: semicolons between cells, decimal commas. Numbers keep all their digits and are in
// the unit given in the heading of their column.

/** @typedef {{ column: string, label: string, fmt?: string, fmtColumn?: string }} Column */

/** Number of thousands divisions: «#,##0.0,, млн ₽» shows millions, as its heading says, and the file must agree. */
const thousands = (format) => /[0#](,+)(?![\d#,])/.exec(format?.split(';')[0] ?? '')?.[1].length ?? 0;

const padded = (number) => String(number).padStart(2, '0');

function day(date, format) {
	const text = `${padded(date.getDate())}.${padded(date.getMonth() + 1)}.${date.getFullYear()}`;
	return /h/i.test(format ?? '') ? `${text} ${padded(date.getHours())}:${padded(date.getMinutes())}` : text;
}

/** Escapes text that a spreadsheet would take for a formula: it may come from own data. */
const plain = (text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

const quoted = (text) => (/[";\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** One value as written to the file. */
export function csvValue(value, format) {
	if (value === null || value === undefined || Number.isNaN(value)) return '';
	if (value instanceof Date) return day(value, format);
	if (typeof value === 'boolean') return value ? 'да' : 'нет';
	if (typeof value === 'bigint' || typeof value === 'number') {
		return String(Number((Number(value) / 1000 ** thousands(format)).toPrecision(12))).replace('.', ',');
	}
	return quoted(plain(String(value)));
}

/** «, ₽», «, млн», «, доля»: the unit to add to the heading of a column, unless the heading already contains it. */
export function unitOf(format, label = '') {
	const first = format?.split(';')[0] ?? '';
	if (/[yhm]/i.test(first)) return '';
	const written = first.replace(/^.*[0#@](?:,+(?![\d#]))?/, '').replaceAll('"', '').trim();
	const unit = first.includes('%') ? 'доля' : written || ['', 'тыс.', 'млн', 'млрд'][thousands(format)];
	const isInLabel = !unit || label.toLowerCase().includes(unit) || (unit === 'доля' && /дол[яию]|%/i.test(label));
	return isInLabel ? '' : `, ${unit}`;
}

/**
 * @param {Record<string, any>[]} rows
 * @param {Column[]} columns
 */
export function toCsv(rows, columns) {
	const headings = columns.map(({ label, fmt }) => quoted(plain(label + unitOf(fmt, label))));
	const lines = rows.map((row) => columns.map(({ column, fmt, fmtColumn }) => csvValue(row[column], fmtColumn ? row[fmtColumn] : fmt)));
	// Excel recognises UTF-8 only by the byte order mark.
	return `\ufeff${[headings, ...lines].map((line) => line.join(';')).join('\r\n')}\r\n`;
}

/** «Клиенты и регионы. Регионы за весь период.csv» */
export function csvName(...titles) {
	const name = titles.filter(Boolean).join('. ').replace(/[\\/:*?"<>|\s]+/g, ' ').trim();
	return `${name.slice(0, 150) || 'АЗС TwinLab'}.csv`;
}

/** Downloads a file. */
export function download(name, text) {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
