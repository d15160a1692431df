// Runs Evidence's own command line, shows and returns what it says. Telemetry stays off whatever the caller's environment.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const CLI = path.join(ROOT, 'node_modules/@evidence-dev/evidence/cli.js');

// Left alone, Node collects its garbage late: the build then holds 3.7 GB where 3 do. With 1,024 here it ends for want of
// memory. What the caller's environment says comes later and counts.
const HEAP = '--max-old-space-size=2048';

/** @returns {Promise<{ code: number, log: string }>} */
export function runEvidence(...args) {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [CLI, ...args], {
			cwd: ROOT,
			env: {
				...process.env,
				NODE_OPTIONS: [HEAP, process.env.NODE_OPTIONS].filter(Boolean).join(' '),
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
