// The queries of a page as SQL for the warehouse: pasted into DuckDB, each gives the numbers shown on the page.

const COMMENT_LINES = /^[ \t]*--.*(?:\n|$)/gm;

const indented = (sql) => sql.replace(/^(?=.)/gm, '    ');

/** A table of the site: its mart if it is the whole mart, otherwise its SQL. */
function readSource(table, sql = '') {
	const text = sql.replace(COMMENT_LINES, '').trim();
	return { text, marts: [...text.matchAll(/\bmarts\.\w+/g)].map(([mart]) => mart), isWhole: text === `select * from marts.${table}` };
}

/**
 * Evidence inlines the queries that a query refers to: `(select …) as x`. This replaces them by their names again.
 * @returns {{ sql: string, names: string[] }} the text and the names of queries in it
 */
function shorten({ id, inputQueryString }, texts) {
	const named = [...inputQueryString.matchAll(/\$\{\s*(\w+)\s*\}/g)].map(([, name]) => name).filter((name) => texts.has(name));
	// A query may contain another: the longest first, or it would no longer match.
	const longest = [...new Set(named)].sort((one, other) => texts.get(other).length - texts.get(one).length);
	let sql = texts.get(id);
	const names = longest.filter((name) => {
		const before = sql;
		sql = sql.replaceAll(`(${texts.get(name)})`, () => name);
		return sql !== before;
	});
	return { sql: sql.trim(), names };
}

/** A query with the parts it needs as CTEs, before its own CTEs. */
function joined(parts, id, sql) {
	if (!parts.size) return `${sql};`;
	const own = /^((?:[ \t]*--.*\n)*)\s*with\s+/i.exec(sql);
	// A CTE of the query with the name of a part would shadow it: such a query is kept in one piece.
	const isShadowing = [...parts.keys()].some((name) => new RegExp(`\\b${name}\\s+as\\s*\\(`, 'i').test(sql));
	const written = [...parts].map(([name, text]) => `${name} as (\n${indented(text)}\n)`);
	if (!own) return `with ${written.join(',\n\n')}\n\n${sql};`;
	if (!isShadowing) return `${own[1]}with ${written.join(',\n\n')},\n\n${sql.slice(own[0].length)};`;
	return `with ${[...written, `${id} as (\n${indented(sql)}\n)`].join(',\n\n')}\n\nselect * from ${id};`;
}

/**
 * @param {{ id: string, inputQueryString: string, compiledQueryString: string, compileError?: string }[]} queries of a page
 * @param {(id: string) => string | undefined} ran text that the page ran, with the reader's choices
 * @param {Record<string, string>} sources SQL of each table of the site, by its name
 * @returns {{ id: string, sql: string, marts: string[] }[]} self-contained queries, and the warehouse tables they read
 */
export function pageSql(queries, ran, sources) {
	const valid = queries.filter(({ compileError }) => !compileError);
	const texts = new Map(valid.map(({ id, compiledQueryString }) => [id, ran(id) ?? compiledQueryString]));
	const short = Object.fromEntries(valid.map((query) => [query.id, shorten(query, texts)]));

	return valid.map(({ id }) => {
		/** By name, in order of dependency. */
		const parts = new Map();
		const marts = new Set();

		function complete(name) {
			const { sql, names } = short[name];
			for (const other of names) if (!parts.has(other)) parts.set(other, complete(other));
			return sql.replace(/\bwarehouse\.(\w+)/g, (_, table) => {
				const source = readSource(table, sources[table]);
				source.marts.forEach((mart) => marts.add(mart));
				if (source.isWhole) return `marts.${table}`;
				if (!parts.has(table)) parts.set(table, source.text);
				return table;
			});
		}

		const sql = complete(id);
		return { id, sql: joined(parts, id, sql), marts: [...marts].sort() };
	});
}
