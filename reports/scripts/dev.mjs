// Development server with hot reload, on the data of the last `npm run sources`.
import './patch-evidence.mjs';
import { runEvidence } from './run-evidence.mjs';

// Patched packages import components of the site, which the server finds in the packages as they are, but not when it
// bundles them in advance; and lib/ is outside the folder that it serves otherwise.
process.env.EVIDENCE_DISABLE_INCLUDE = 'yes';
process.env.NODE_ENV = 'development';

const { code } = await runEvidence('dev', ...process.argv.slice(2));
process.exit(code);
