// Copies the marts of the warehouse into the parquet files that the pages query.
import fs from 'node:fs';
import path from 'node:path';
import './patch-evidence.mjs';
import { completeSources } from './complete-sources.mjs';
import { ROOT, runEvidence } from './run-evidence.mjs';

const DATA = path.join(ROOT, '.evidence/template/static/data');

// Otherwise a removed source would stay from an earlier run.
fs.rmSync(DATA, { recursive: true, force: true });

const { code } = await runEvidence('sources', '--strict');
if (code === 0) await completeSources(DATA);
process.exit(code);
