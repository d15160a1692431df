// SQL of the tables that the pages read, from reports/sources.
const FILES = import.meta.glob('$sources/*.sql', { query: '?raw', import: 'default', eager: true });

/** @type {Record<string, string>} */
export const SOURCES = Object.fromEntries(
	Object.entries(FILES).map(([file, sql]) => [file.replace(/^.*\/|\.sql$/g, ''), sql])
);
