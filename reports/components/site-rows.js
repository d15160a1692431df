// Data of the frame around every page: the entries of the menu and the run. They are loaded like the data of a page: queried
// when the site is built, so that the HTML of every page has the menu, and fetched prerendered by the browser.
import { browser } from '$app/environment';

export const SITE_QUERIES = {
	site_portraits: `
		select portraits.portrait_code, portraits.label_ru
		from warehouse.dim_portraits as portraits
		left join warehouse.mart_portrait_profiles as profiles using (portrait_code)
		where profiles.clients_count > 0 or portraits.portrait_code <> 'undefined'
		order by profiles.clients_count desc nulls last, portraits.label_ru`,
	site_features: 'select feature_code, label_ru from warehouse.dim_features order by label_ru',
	site_run: 'select * from warehouse.run_info'
};

/**
 * @param {{ data?: Record<string, unknown[]>, __db: { query: Function } }} page data of the page's layout
 * @param {(name: string, rows: unknown[]) => void} take called per query, immediately or after the browser's query
 */
export function loadSiteRows(page, take) {
	for (const [name, sql] of Object.entries(SITE_QUERIES)) {
		const ready = browser ? page.data?.[name] : page.__db.query(sql, { query_name: name });
		if (ready) take(name, Array.from(ready));
		else page.__db.query(sql).then((rows) => take(name, Array.from(rows)));
	}
}
