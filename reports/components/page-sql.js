// The queries of a page as SQL for the warehouse itself: pasted into DuckDB, each gives the numbers that the page shows.

const COMMENT_LINES = /^[ \t]*--.*(?:\n|$)/gm;

const indented = (sql) => sql.replace(/^(?=.)/gm, '    ');

/** A table of the site: its mart, when it is the whole of it; else the SQL that makes it. */
function readSource(table, sql = '') {
	const text = sql.replace(COMMENT_LINES, '').trim();
	return { text, marts: [...text.matchAll(/\bmarts\.\w+/g)].map(([mart]) => mart), isWhole: text === `select * from marts.${table}` };
}

/**
 * Evidence writes a query that another one names into it: `(select …) as x`. Here it gets its name back.
 * @returns {{ sql: string, names: string[] }} names that then stand in the text, of queries only
 */
function shorten({ id, inputQueryString }, texts) {
	const named = [...inputQueryString.matchAll(/\$\{\s*(\w+)\s*\}/g)].map(([, name]) => name).filter((name) => texts.has(name));
	// One may hold another: the longest first, or it would not be found any more.
	const longest = [...new Set(named)].sort((one, other) => texts.get(other).length - texts.get(one).length);
	let sql = texts.get(id);
	const names = longest.filter((name) => {
		const before = sql;
		sql = sql.replaceAll(`(${texts.get(name)})`, () => name);
		return sql !== before;
	});
	return { sql: sql.trim(), names };
}

/** A query behind the parts it needs, which come before those of its own. */
function joined(parts, id, sql) {
	if (!parts.size) return `${sql};`;
	const own = /^((?:[ \t]*--.*\n)*)\s*with\s+/i.exec(sql);
	// A part of its own that is named like one of these hides it: such a query is kept in one piece.
	const isHiding = [...parts.keys()].some((name) => new RegExp(`\\b${name}\\s+as\\s*\\(`, 'i').test(sql));
	const written = [...parts].map(([name, text]) => `${name} as (\n${indented(text)}\n)`);
	if (!own) return `with ${written.join(',\n\n')}\n\n${sql};`;
	if (!isHiding) return `${own[1]}with ${written.join(',\n\n')},\n\n${sql.slice(own[0].length)};`;
	return `with ${[...written, `${id} as (\n${indented(sql)}\n)`].join(',\n\n')}\n\nselect * from ${id};`;
}

/**
 * @param {{ id: string, inputQueryString: string, compiledQueryString: string, compileError?: string }[]} queries of a page
 * @param {(id: string) => string | undefined} ran the text that the page ran, the reader's choices in it
 * @param {Record<string, string>} sources SQL of each table of the site, by its name
 * @returns {{ id: string, sql: string, marts: string[] }[]} each query by itself, and the tables of the warehouse it reads
 */
export function pageSql(queries, ran, sources) {
	const sound = queries.filter(({ compileError }) => !compileError);
	const texts = new Map(sound.map(({ id, compiledQueryString }) => [id, ran(id) ?? compiledQueryString]));
	const short = new Map(sound.map((query) => [query.id, shorten(query, texts)]));

	return sound.map(({ id }) => {
		/** By name, in the order in which they build on each other. */
		const parts = new Map();
		const marts = new Set();

		function complete(name) {
			const { sql, names } = short.get(name);
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
