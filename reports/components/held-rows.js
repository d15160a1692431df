// Rows of a query that depends on settings; a comment in the text of the query identifies the settings of the rows.
import { Query } from '@evidence-dev/sdk/usql';

/** @typedef {{ state?: string, rows: Record<string, any>[], failure?: string }} Held */

/**
 * @param {unknown} query of a page, with a comment «settings: …»
 * @param {(held: Held) => void} take called with each result
 * @returns {() => void} unsubscribes
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
