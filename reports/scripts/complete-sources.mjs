// Restores what Evidence loses when it writes a source to parquet. A table without rows gets no file, which breaks the
// pages that read it; a date or flag that is null in every row becomes a number, which breaks queries that expect a date.
import fs from 'node:fs';
import path from 'node:path';

const TYPES = { number: 'double', boolean: 'boolean', date: 'timestamp', string: 'varchar' };

const identifier = (name) => `"${name.replaceAll('"', '""')}"`;
const literal = (text) => `'${text.replaceAll("'", "''")}'`;
const nullColumn = ({ name, evidenceType }) => `null::${TYPES[evidenceType]} as ${identifier(name)}`;

/** @param {string} folder Evidence's static/data: manifest.json and, per table, the file and the types of its columns */
export async function completeSources(folder) {
	// Imported here, after patch-evidence.mjs has changed it. Its types are those for the browser, where a query is a promise.
	const { initDB, query } = /** @type {any} */ (await import('@evidence-dev/universal-sql/client-duckdb'));
	await initDB();

	/** SQL of the table as it should have been written; undefined if it was. */
	function completed(file, columns) {
		if (!fs.existsSync(file)) return `select ${columns.map(nullColumn).join(', ')} limit 0`;
		const table = `read_parquet(${literal(file)})`;
		const stored = new Map(query(`describe select * from ${table}`).map((row) => [row.column_name, row.column_type]));
		const mistyped = columns.filter(({ name, evidenceType }) => evidenceType !== 'number' && stored.get(name) === 'DOUBLE');
		return mistyped.length ? `select * replace (${mistyped.map(nullColumn).join(', ')}) from ${table}` : undefined;
	}

	const { renderedFiles } = JSON.parse(fs.readFileSync(path.join(folder, 'manifest.json'), 'utf8'));
	for (const address of Object.values(renderedFiles).flat()) {
		const file = path.join(folder, ...address.split('/').slice(-3));
		const sql = completed(file, JSON.parse(fs.readFileSync(file.replace(/parquet$/, 'schema.json'), 'utf8')));
		if (!sql) continue;
		const made = `${file}.made`;
		query(`copy (${sql}) to ${literal(made)} (format parquet, codec 'zstd', use_tmp_file false)`);
		fs.chmodSync(made, 0o644);
		fs.renameSync(made, file);
	}
}
