// Builds the static site in a folder next to build/ and moves it there when complete: meanwhile the last good site is
// served, and it stays if the build fails. (Evidence itself exits with success when a query of a page fails.)
import fs from 'node:fs';
import path from 'node:path';
import './patch-evidence.mjs';
import { folders, publish, recover, remove } from './publish.mjs';
import { ROOT, runEvidence } from './run-evidence.mjs';

const NEXT = folders(ROOT).next;

// Evidence's own icons, not linked from the site.
const EVIDENCE_FILES = [
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
	fail('it has no data; run "npm run sources" first.');
}

const { code, log } = await runEvidence('build');

if (code !== 0) fail(`"evidence build" exited with status ${code}.`);
if (log.includes('Error in Query!')) fail('a query of a page failed, see "Error in Query!" above.');
if (!fs.existsSync(path.join(NEXT, 'index.html'))) fail('index.html is missing.');

for (const name of EVIDENCE_FILES) remove(path.join(NEXT, name));
publish(ROOT);
