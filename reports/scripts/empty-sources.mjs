// Evidence writes no file for a source without rows, and a file that is not there breaks every page. Such a source gets
// one with its columns and no rows, so that a page only has to say that there is nothing.
import fs from 'node:fs';
import path from 'node:path';

const TYPES = { number: 'double', boolean: 'boolean', date: 'timestamp', string: 'varchar' };

const named = (name) => `"${name.replaceAll('"', '""')}"`;

/** @param {string} folder Evidence's static/data: manifest.json, and a folder per source with its table and columns */
export async function writeEmptySources(folder) {
	const { renderedFiles } = JSON.parse(fs.readFileSync(path.join(folder, 'manifest.json'), 'utf8'));
	const files = Object.values(renderedFiles)
		.flat()
		.map((address) => path.join(folder, ...address.split('/').slice(-3)));
	const missing = files.filter((file) => !fs.existsSync(file) || !fs.statSync(file).size);
	if (!missing.length) return;
	// Read only now: its text is changed by patch-evidence.mjs.
	const { initDB, query } = await import('@evidence-dev/universal-sql/client-duckdb');
	await initDB();
	for (const file of missing) {
		const columns = JSON.parse(fs.readFileSync(file.replace(/parquet$/, 'schema.json'), 'utf8'));
		const nothing = columns.map(({ name, evidenceType }) => `null::${TYPES[evidenceType]} as ${named(name)}`);
		query(`copy (select ${nothing.join(', ')} limit 0) to '${file.replaceAll("'", "''")}' (format parquet, use_tmp_file false)`);
		fs.chmodSync(file, 0o644);
		console.log(`${path.basename(file)}: no rows`);
	}
}
