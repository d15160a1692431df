// Development server with hot reload, on the data of the last `npm run sources`.
import './patch-evidence.mjs';
import { runEvidence } from './run-evidence.mjs';

const { code } = await runEvidence('dev', ...process.argv.slice(2));
process.exit(code);
