// Rows of a query that depends on settings: told from those of other settings by a comment in the query's text.
import { Query } from '@evidence-dev/sdk/usql';

/**
 * @param {unknown} query of a page; a comment in it says «settings: …»
 * @param {(held: { state?: string, rows: Record<string, any>[], failure?: string }) => void} take called with each answer
 * @returns {() => void} ends it
 */
export function holdRows(query, take) {
	if (!Query.isQuery(query)) return () => {};
	query.fetch();
	const state = query.originalText.match(/settings: (.*?) \*\//)?.[1];
	return query.subscribe((value) => {
		if (value.error) take({ state, rows: [], failure: value.error.message });
		else if (value.dataLoaded) take({ state, rows: Array.from(value) });
	});
}
