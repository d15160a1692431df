// Builds the static site into build/. Evidence ends with success when a page's query failed, and copies over what an
// earlier build left: both are mended here.
import fs from 'node:fs';
import path from 'node:path';
import './patch-evidence.mjs';
import { ROOT, runEvidence } from './run-evidence.mjs';

const BUILD = path.join(ROOT, 'build');

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
	fs.rmSync(BUILD, { recursive: true, force: true });
	console.error(`\nThe site was not built: ${message}`);
	process.exit(1);
}

if (!fs.existsSync(path.join(ROOT, '.evidence/template/static/data/manifest.json'))) {
	fail('there are no data for it; run "npm run sources" first.');
}

fs.rmSync(BUILD, { recursive: true, force: true });
const { code, log } = await runEvidence('build');

if (code !== 0) fail(`"evidence build" ended with status ${code}.`);
if (log.includes('Error in Query!')) fail('a query of a page failed, see "Error in Query!" above.');
if (!fs.existsSync(path.join(BUILD, 'index.html'))) fail('there is no build/index.html.');

for (const name of FOREIGN) fs.rmSync(path.join(BUILD, name), { recursive: true, force: true });
