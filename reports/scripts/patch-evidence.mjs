// Changes to Evidence's installed packages for which it has no setting. Each edit must find its text in the installed
// file, otherwise the script fails, so that a new version of Evidence is reviewed and not half patched. The original is
// kept next to each file and every run starts from it, so the script is idempotent.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILD_EDITS, USED_EXPORTS } from './build-edits.mjs';
import { SITE_EDITS } from './site-edits.mjs';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const MODULES = path.join(ROOT, 'node_modules');
const EVIDENCE = '@evidence-dev';

/** Text of the file as installed; a copy is kept next to it on the first run. */
function original(name) {
	const file = path.join(MODULES, name);
	if (!fs.existsSync(file)) throw new Error(`patch-evidence: no file ${name}; run "npm ci" in reports/ first`);
	const copy = `${file}.original`;
	if (!fs.existsSync(copy)) fs.copyFileSync(file, copy);
	return fs.readFileSync(copy, 'utf8');
}

function writeIfChanged(name, text) {
	const file = path.join(MODULES, name);
	if (fs.readFileSync(file, 'utf8') !== text) fs.writeFileSync(file, text);
}

for (const file of new Set([...Object.keys(SITE_EDITS), ...Object.keys(BUILD_EDITS)])) {
	const name = `${EVIDENCE}/${file}`;
	const text = [...(SITE_EDITS[file] ?? []), ...(BUILD_EDITS[file] ?? [])].reduce((current, [from, to]) => {
		if (!current.includes(from)) throw new Error(`patch-evidence: ${name} no longer contains: ${from}`);
		return current.replaceAll(from, () => to);
	}, original(name));
	writeIfChanged(name, text);
}

for (const [name, used] of Object.entries(USED_EXPORTS)) {
	const lines = original(name).split('\n');
	const kept = used.map((word) => {
		const line = lines.find((one) => new RegExp(`^export (const ${word} |\\* as ${word} |\\* from './${word}/)`).test(one));
		if (!line) throw new Error(`patch-evidence: ${name} no longer exports: ${word}`);
		return `${line}\n`;
	});
	writeIfChanged(name, kept.join(''));
}

// The shell of every page: language, icon and the policy that nothing is fetched from elsewhere.
const SHELL = `${EVIDENCE}/evidence/template/src/app.html`;
if (!original(SHELL).includes('%sveltekit.body%')) throw new Error('patch-evidence: app.html is not a SvelteKit shell');
writeIfChanged(SHELL, fs.readFileSync(path.join(ROOT, 'lib/app.html'), 'utf8'));
