// Edits that keep the site light and its build short: what is not shown is not bundled, and nothing is done twice. A new
// page that needs more than is listed here fails to build.
/* eslint-disable no-template-curly-in-string -- the edits are source code */

// Every component that the index exports is bundled, used or not: maps, calendars, the SQL console, the settings with the
// logos of all brands. A page that uses another component fails to build until it is added here.
const USED_COMPONENTS = [
	[
		"export * from './atoms/index.js';",
		[
			"export { ButtonGroup, ButtonGroupItem } from './atoms/inputs/button-group';",
			"export { Dropdown } from './atoms/inputs/dropdown';",
			"export { QueryLoad } from './atoms/query-load';"
		].join('\n')
	],
	["export * from './molecules/index.js';", "export { ToastWrapper } from './molecules/toast';"],
	[
		"export * from './organisms/index.js';",
		[
			"export { default as ErrorOverlay } from './organisms/layout/ErrorOverlay.svelte';",
			"export { default as LoadingSkeleton } from './organisms/layout/misc/LoadingSkeleton.svelte';"
		].join('\n')
	],
	[
		"export * from './unsorted/index.js';",
		[
			"export { default as Details } from './unsorted/ui/Details.svelte';",
			"export { default as ECharts } from './unsorted/viz/core/ECharts.svelte';",
			"export { default as Column } from './unsorted/viz/table/Column.svelte';",
			"export { default as DataTable } from './unsorted/viz/table/DataTable.svelte';"
		].join('\n')
	]
];

// All of ECharts is three times what the charts need: see components/echarts.js.
const FEWER_CHARTS = ["from 'echarts';", "from '$lib/echarts.js';"];

// For browsers older than those that the site's styles need, Evidence ships a second engine of 22 MB.
const ONE_ENGINE = [
	['const useEh = await getPlatformFeatures().then((x) => x.wasmExceptions);', ''],
	['const DUCKDB_CONFIG = useEh\n\t\t\t? {', 'const DUCKDB_CONFIG = {'],
	[
		`
			: {
					mainModule: (await import('@duckdb/duckdb-wasm/dist/duckdb-mvp.wasm?url')).default,
					mainWorker: (await import('@duckdb/duckdb-wasm/dist/duckdb-browser-mvp.worker.js?worker'))
						.default
				}`,
		''
	]
];

// Evidence's own pages, in English, bring an editor and 8,000 icons.
const OWN_PAGES = [
	"fs.copySync(path.join(__dirname, '/template'), './.evidence/template/');",
	[
		"fs.copySync(path.join(__dirname, '/template'), './.evidence/template/', {",
		'filter: (file) => !/src.pages.(explore|settings)$/.test(file)',
		'});'
	].join(' ')
];

// npm would wait next to the build, in 70 MB.
const NO_NPX = ["'npx vite build'", "'node ../../node_modules/vite/bin/vite.js build'"];

// Plain packages need not be bundled to run in Node. The first is 3 MB.
const NOT_BUNDLED = [
	"external: ['@evidence-dev/telemetry'",
	"external: ['@evidence-dev/preprocess', '@steeze-ui/radix-icons', '@steeze-ui/tabler-icons', '@evidence-dev/telemetry'"
];

const MEMORY = [
	["import { createLogger } from 'vite';", "import { createLogger } from 'vite';\nimport { freeMemory } from '../../lib/free-memory.mjs';"],
	['evidenceThemes()]', 'evidenceThemes(), freeMemory()]']
];

// A hidden viewer of each query of a page. The SQL is shown by components/PageSources.svelte.
const QUERY_VIEWERS = [
	[
		`return \`
        {#if \${queryId} }
            <QueryViewer
                queryID = "\${queryId ?? 'untitled'}"
                queryResult = {\${queryId ?? 'untitled'}}
            /> 
        {/if}
        \`;`,
		"return '';"
	]
];

// After every query of a page the build read and rewrote a file with all SQL of the page, and wrote a list that only the
// development server reads; and did so again in the second pass over the page: half of the time of a page.
const QUERY_RECORDS = [
	['const sql_string_cache = new Map();', 'const sql_string_cache = new Map();\n\nconst recorded_queries = {};'],
	["if (!existsSync(sql_path)) {\n\t\twriteToPossiblyNonexistentFile(sql_path, '{}');\n\t}\n", ''],
	[
		"const sql_cache = JSON.parse(readFileSync(sql_path, 'utf-8'));",
		[
			'const sql_cache = (recorded_queries[double_cache_path] ??= {});',
			'if (sql_cache[query_name]?.query_hash === ipc_table_hash) return;'
		].join('\n\t')
	],
	['writeFileSync(sql_path, JSON.stringify(sql_cache));', ''],
	[
		'writeToPossiblyNonexistentFile(\n\t\t`${double_cache_path}/all-queries.json`',
		'if (!prerendering) writeToPossiblyNonexistentFile(\n\t\t`${double_cache_path}/all-queries.json`'
	]
];

// The build counted the rows of a query before it read them, and again before it looked at what it had read.
const ROW_COUNTS = [
	['this.#fetchLength(),\n\t\t\t(e,', "typeof window === 'undefined' || this.#fetchLength(),\n\t\t\t(e,"],
	[
		'this.#fetchLength();\n\t\t\t\tthis.#sharedDataPromise.resolve(this);',
		'this.#sharedDataPromise.resolve(this);\n\t\t\t\tthis.#fetchLength();'
	]
];

// A page repeats the SQL of each query four times, so that it follows parameters and inputs: needless if it has none.
const SQL = "\\`${duckdbQueries[id].compiledQueryString.replaceAll('`', '\\\\`')}\\`";
const IS_UNSET = `__\${id}HasUnresolved = hasUnsetValues${SQL};`;
const FOLLOW = `$: ${IS_UNSET}\n                $: __\${id}Text = ${SQL}`;
const SQL_ONCE = [
	[FOLLOW, `\${reactiveIds.includes(id) ? \`${FOLLOW}\` : ''}`],
	[`let ${IS_UNSET}`, `let \${reactiveIds.includes(id) ? \`${IS_UNSET}\` : \`__\${id}HasUnresolved = false;\`}`]
];

/** Of each file in node_modules/@evidence-dev: pairs of a text and its replacement. */
export const BUILD_EDITS = {
	'component-utilities/src/echarts.js': [FEWER_CHARTS],
	'component-utilities/src/echartsCanvasDownload.js': [FEWER_CHARTS],
	'component-utilities/src/echartsCopy.js': [FEWER_CHARTS],
	'core-components/dist/index.js': USED_COMPONENTS,
	'core-components/dist/unsorted/viz/core/_Sparkline.svelte': [FEWER_CHARTS],
	'evidence/cli.js': [OWN_PAGES, NO_NPX],
	'evidence/template/vite.config.js': [NOT_BUNDLED, ...MEMORY],
	'preprocess/dist/index.cjs': [...QUERY_VIEWERS, ...SQL_ONCE],
	'preprocess/dist/index.mjs': [...QUERY_VIEWERS, ...SQL_ONCE],
	'sdk/src/usql/query/Query.js': ROW_COUNTS,
	'universal-sql/src/cache-duckdb.js': QUERY_RECORDS,
	'universal-sql/src/client-duckdb/browser.js': ONE_ENGINE
};

/**
 * Of each index in node_modules: the exports in use, one a line in the file. The build would read, compile and keep in
 * memory all others, to drop them.
 */
export const USED_EXPORTS = {
	'@melt-ui/svelte/dist/builders/index.js': ['dialog', 'link-preview', 'popover', 'separator'],
	'@steeze-ui/radix-icons/dist/index.js': [
		'CaretSort',
		'Check',
		'Cross2',
		'EnterFullScreen',
		'InfoCircled',
		'MagnifyingGlass'
	],
	'@steeze-ui/tabler-icons/dist/index.js': [
		'ChevronDown',
		'ChevronLeft',
		'ChevronRight',
		'ChevronUp',
		'ChevronsLeft',
		'ChevronsRight',
		'InfoCircle',
		'Search',
		'X'
	],
	'bits-ui/dist/bits/index.js': ['Button', 'Dialog', 'LinkPreview', 'Popover', 'Separator'],
	'cmdk-sv/node_modules/@melt-ui/svelte/dist/builders/index.js': ['dialog'],
	'cmdk-sv/node_modules/bits-ui/dist/bits/index.js': ['Dialog']
};
