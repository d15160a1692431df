// Merged by Evidence into its own SvelteKit config.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import adapter from '@sveltejs/adapter-static';

const root = path.dirname(fileURLToPath(import.meta.url));

export default {
	kit: {
		alias: {
			// Every number and date of the site goes through this module: see lib/ssf-ru.mjs.
			ssf: path.join(root, 'lib/ssf-ru.mjs'),
			// Pages show the SQL of what they read: see components/sources.js.
			$sources: path.join(root, 'sources/warehouse')
		},
		// An unknown address then shows pages/+error.svelte instead of the server's own English page.
		adapter: adapter({
			pages: process.env.EVIDENCE_BUILD_DIR ?? './build',
			fallback: '404.html',
			strict: false
		}),
		prerender: {
			// Behind «#» stands a place on a page, or the settings it opens with («feature=…»): only places must be there.
			handleMissingId: ({ id, message }) => {
				if (!id.includes('=')) throw new Error(message);
			}
		}
	}
};
