// A table as a file for Excel as it is set in Russia: semicolons between the cells, commas in the numbers.

function cell(value) {
	if (value === null || value === undefined || Number.isNaN(value)) return '';
	if (typeof value === 'number') return String(Number(value.toFixed(2))).replace('.', ',');
	// A text that begins like a formula would be one.
	const text = String(value).replace(/^(?=[=+\-@\t\r])/, "'");
	return `"${text.replaceAll('"', '""')}"`;
}

/**
 * @param {Record<string, any>[]} rows
 * @param {{ column: string, label: string }[]} columns
 */
export function toCsv(rows, columns) {
	const lines = [columns.map(({ label }) => cell(label)), ...rows.map((row) => columns.map(({ column }) => cell(row[column])))];
	// Excel takes a file for UTF-8 by its first character only.
	return `\ufeff${lines.map((cells) => cells.join(';')).join('\r\n')}\r\n`;
}

/** Hands a file to the reader. */
export function download(name, text) {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
	link.download = name;
	link.click();
	URL.revokeObjectURL(link.href);
}
