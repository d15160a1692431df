// Replaces the served site with the new build by two renames: readers of build/ see the last good site or the new one,
// never a mixture.
import fs from 'node:fs';
import path from 'node:path';

/** Folders under the root: served site, new build, and the previously served site. */
export const folders = (root) => ({
	build: path.join(root, 'build'),
	next: path.join(root, '.build-next'),
	last: path.join(root, '.build-last')
});

export const remove = (folder) => fs.rmSync(folder, { recursive: true, force: true });

/** Removes leftovers of earlier builds; restores the last good site after a build killed between the renames. */
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
