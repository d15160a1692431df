// npm omits optional packages of other platforms from package-lock.json when it cannot look them up, and `npm ci` then
// rejects the lock as incomplete on every machine. This script adds an entry (version and platform) for each of them, and
// checks that the lock has no download addresses. Run by `npm run lock`.
import fs from 'node:fs';

const LOCK = new URL('../package-lock.json', import.meta.url);
const OS_NAMES = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const CPU_NAMES = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

/** Whether Node resolves `name` from package `from` in the lock, walking up. */
function isResolved(packages, from, name) {
	for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
		if (packages[`${base ? `${base}/` : ''}node_modules/${name}`]) return true;
		if (!base.includes('/node_modules/')) return Boolean(packages[`node_modules/${name}`]);
	}
}

/** Lock entry of a platform package, whose name gives os, cpu and libc: `@rollup/rollup-linux-x64-musl`. */
function platformEntry(name, range) {
	const words = name.split(/[-/]/);
	const os = words.filter((word) => OS_NAMES.includes(word));
	const cpu = words.filter((word) => CPU_NAMES.includes(word));
	return {
		version: range.replace(/^[\^~]/, ''),
		optional: true,
		...(cpu.length && { cpu }),
		...(os.length && { os }),
		...(words.includes('musl') && { libc: ['musl'] })
	};
}

const lock = JSON.parse(fs.readFileSync(LOCK, 'utf8'));
const { packages } = lock;
let added = 0;

for (const [owner, { optionalDependencies = {} }] of Object.entries(packages)) {
	for (const [name, range] of Object.entries(optionalDependencies)) {
		if (isResolved(packages, owner, name)) continue;
		// Next to its siblings of the same range: at the top, or under the owner where the top has another version.
		const top = `node_modules/${name}`;
		packages[packages[top] ? `${owner}/${top}` : top] = platformEntry(name, range);
		added += 1;
	}
}

const addressed = Object.keys(packages).filter((key) => packages[key].resolved);
if (addressed.length) throw new Error(`package-lock.json has download addresses: ${addressed.slice(0, 5).join(', ')}`);

lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
fs.writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} platform packages added`);
