// Serves a built site to this machine only: node scripts/serve.mjs folder port; port 0 takes a free one.
// Supports range requests (the browser reads parts of the parquet files), and closes the files of requests that end in
// "not modified" or are aborted, so that a long-running server does not leak open files.
import path from 'node:path';
import express from 'express';

const HOST = '127.0.0.1';
const [folder, port] = process.argv.slice(2);
const root = path.resolve(folder);

const server = express()
	.disable('x-powered-by')
	.use(express.static(root))
	.use((_request, response) => response.status(404).sendFile('404.html', { root }))
	.listen(Number(port), HOST);

server.on('listening', () => {
	const { address, port } = /** @type {import('node:net').AddressInfo} */ (server.address());
	console.log(`reports: http://${address}:${port} (Ctrl-C ends)`);
});
server.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
	const reason = error.code === 'EADDRINUSE' ? 'is taken by another program.' : `cannot be opened: ${error.message}`;
	console.error(`error: port ${port} ${reason}\n  Choose another one: make serve PORT=8080`);
	process.exitCode = 2;
});
