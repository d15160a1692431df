// While a worker renders the pages, the main thread of the build waits on 600 MB of what the bundler left: V8 would keep
// it, because nothing more is allocated.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Plugin of Vite: collects garbage a moment after a bundle is complete. */
export const freeMemory = () => ({
	name: 'free-memory',
	apply: 'build',
	closeBundle() {
		setFlagsFromString('--expose-gc');
		setTimeout(runInNewContext('gc'), 1000).unref();
	}
});
