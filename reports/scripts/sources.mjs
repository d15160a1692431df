// Copies the marts of the warehouse into the parquet files that the pages query.
import fs from 'node:fs';
import path from 'node:path';
import './patch-evidence.mjs';
import { ROOT, runEvidence } from './run-evidence.mjs';

// A source that is gone would else stay behind from an earlier run.
fs.rmSync(path.join(ROOT, '.evidence/template/static/data'), { recursive: true, force: true });

const { code } = await runEvidence('sources', '--strict');
process.exit(code);
