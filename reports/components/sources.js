// SQL of the tables that the pages read, from reports/sources.
/** @type {Record<string, string>} */
const FILES = import.meta.glob('$sources/*.sql', { query: '?raw', import: 'default', eager: true });

export const SOURCES = Object.fromEntries(
	Object.entries(FILES).map(([file, sql]) => [file.replace(/^.*\/|\.sql$/g, ''), sql])
);
