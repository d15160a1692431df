// Merged by Evidence into its own SvelteKit config.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import adapter from '@sveltejs/adapter-static';

const root = path.dirname(fileURLToPath(import.meta.url));

export default {
	kit: {
		alias: {
			// Formats every number and date of the site: see lib/ssf-ru.mjs.
			ssf: path.join(root, 'lib/ssf-ru.mjs'),
			// Pages show the SQL of their data: see components/sources.js.
			$sources: path.join(root, 'sources/warehouse')
		},
		// An unknown address then shows pages/+error.svelte instead of the server's own English page.
		adapter: adapter({
			pages: process.env.EVIDENCE_BUILD_DIR ?? './build',
			fallback: '404.html',
			strict: false
		}),
		prerender: {
			// After «#» comes an id on the page, or settings («feature=…»): only ids must exist.
			handleMissingId: ({ id, message }) => {
				if (!id.includes('=')) throw new Error(message);
			}
		}
	}
};
