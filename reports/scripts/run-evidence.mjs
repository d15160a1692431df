// Runs Evidence's command line, and shows and returns its output. Telemetry is off whatever the environment says.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const CLI = path.join(ROOT, 'node_modules/@evidence-dev/evidence/cli.js');

// By default Node lets garbage pile up to twice what the build needs, and empties a small nursery a thousand times. The
// caller's NODE_OPTIONS come later and win.
const MEMORY = ['--max-old-space-size=1536', '--max-semi-space-size=32'];

/** @returns {Promise<{ code: number, log: string }>} */
export function runEvidence(...args) {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [CLI, ...args], {
			cwd: ROOT,
			env: {
				...process.env,
				NODE_OPTIONS: [...MEMORY, process.env.NODE_OPTIONS].filter(Boolean).join(' '),
				SEND_ANONYMOUS_USAGE_STATS: 'no'
			},
			stdio: ['inherit', 'pipe', 'pipe']
		});
		let log = '';
		const keep = (target) => (chunk) => {
			log += chunk;
			target.write(chunk);
		};
		child.stdout.on('data', keep(process.stdout));
		child.stderr.on('data', keep(process.stderr));
		child.on('error', reject);
		child.on('close', (code) => resolve({ code: code ?? 1, log }));
	});
}
