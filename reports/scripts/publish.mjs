// Puts a site that was built beside into the place of the one that is served. Two renames: whoever reads build/ sees the
// last good site or the new one, never half of one.
import fs from 'node:fs';
import path from 'node:path';

/** Folders of the project's root: served, just built, and served until a moment ago. */
export const folders = (root) => ({
	build: path.join(root, 'build'),
	next: path.join(root, '.build-next'),
	last: path.join(root, '.build-last')
});

export const remove = (folder) => fs.rmSync(folder, { recursive: true, force: true });

/** Clears what an earlier build left; one that was killed between the renames gets its last good site back. */
export function recover(root) {
	const { build, next, last } = folders(root);
	if (!fs.existsSync(build) && fs.existsSync(last)) fs.renameSync(last, build);
	remove(last);
	remove(next);
}

export function publish(root) {
	const { build, next, last } = folders(root);
	if (fs.existsSync(build)) fs.renameSync(build, last);
	fs.renameSync(next, build);
	remove(last);
}
