// What Evidence loses of a source on its way into a parquet file: a table without rows gets no file, and a page that names
// it breaks; a date or a flag that is null in every row becomes a number, and a query that takes it for a date breaks.
import fs from 'node:fs';
import path from 'node:path';

const TYPES = { number: 'double', boolean: 'boolean', date: 'timestamp', string: 'varchar' };

const identifier = (name) => `"${name.replaceAll('"', '""')}"`;
const literal = (text) => `'${text.replaceAll("'", "''")}'`;
const nothing = ({ name, evidenceType }) => `null::${TYPES[evidenceType]} as ${identifier(name)}`;

/** @param {string} folder Evidence's static/data: manifest.json, and for each table its file and the types of its columns */
export async function completeSources(folder) {
	// Read only now: its text is changed by patch-evidence.mjs.
	const { initDB, query } = await import('@evidence-dev/universal-sql/client-duckdb');
	await initDB();

	/** The SQL of a table as it should have been written; none where it was. */
	function completed(file, columns) {
		if (!fs.existsSync(file)) return `select ${columns.map(nothing).join(', ')} limit 0`;
		const table = `read_parquet(${literal(file)})`;
		const stored = new Map(query(`describe select * from ${table}`).map((row) => [row.column_name, row.column_type]));
		const lost = columns.filter(({ name, evidenceType }) => evidenceType !== 'number' && stored.get(name) === 'DOUBLE');
		return lost.length ? `select * replace (${lost.map(nothing).join(', ')}) from ${table}` : undefined;
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
