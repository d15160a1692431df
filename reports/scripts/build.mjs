// Builds the static site beside build/ and puts it there when it is whole: the last good site is served meanwhile, and
// stays if this one fails. (Evidence by itself ends with success when a page's query failed.)
import fs from 'node:fs';
import path from 'node:path';
import './patch-evidence.mjs';
import { folders, publish, recover, remove } from './publish.mjs';
import { ROOT, runEvidence } from './run-evidence.mjs';

const NEXT = folders(ROOT).next;

// Evidence's own pages for developers, and its icons: in English and linked from nowhere.
const FOREIGN = [
	'explore',
	'settings',
	'manifest.webmanifest',
	'apple-touch-icon.png',
	'favicon.ico',
	'icon-192.png',
	'icon-512.png'
];

function fail(message) {
	remove(NEXT);
	console.error(`\nThe site was not built: ${message}`);
	process.exit(1);
}

recover(ROOT);
if (!fs.existsSync(path.join(ROOT, '.evidence/template/static/data/manifest.json'))) {
	fail('there are no data for it; run "npm run sources" first.');
}

const { code, log } = await runEvidence('build');

if (code !== 0) fail(`"evidence build" ended with status ${code}.`);
if (log.includes('Error in Query!')) fail('a query of a page failed, see "Error in Query!" above.');
if (!fs.existsSync(path.join(NEXT, 'index.html'))) fail('there is no index.html.');

for (const name of FOREIGN) remove(path.join(NEXT, name));
publish(ROOT);
