// Changes to Evidence's installed packages for which it has no setting. Each edit must find its text in the installed
// file, otherwise the script fails, so that a new version of Evidence is reviewed and not half patched. The original is
// kept next to each file and every run starts from it, so the script is idempotent.
/* eslint-disable no-template-curly-in-string -- the edits are source code */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const PACKAGES = path.join(ROOT, 'node_modules/@evidence-dev');

// duckdb-wasm 1.28.0 is the last release with parquet compiled in; later ones fetch it from the network. It does not know
// two settings that Evidence applies for newer engines.
const UNKNOWN_SETTINGS = [
	["await connection.query('SET ieee_floating_point_ops = false;');", ''],
	["await connection.query('SET old_implicit_casting = true;');", '']
];

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

const RUSSIAN_CHARTS = [
	[
		"import { registerTheme, init, connect } from 'echarts';",
		"import { registerTheme, init, connect, registerLocale } from 'echarts';\nimport russian from 'echarts/i18n/langRU-obj.js';\n\nregisterLocale('RU', russian);"
	],
	['init(node, options.theme, {', "init(node, options.theme, {\n\t\t\tlocale: 'RU',"]
];

// All of ECharts is three times what the charts need: see components/echarts.js.
const FEWER_CHARTS = ["from 'echarts';", "from '$lib/echarts.js';"];

// A chart says when it begins to change and when it is complete: see components/TrendChart.svelte. ECharts triggers
// 'rendered' after every frame and then, after the last one of an animation, 'finished'.
const CHART_EVENTS = [
	[
		"chart.on('click',",
		"chart.on('rendered', () => dispatch('drawing'));\n\tchart.on('finished', () => dispatch('drawn'));\n\tchart.on('click',"
	],
	['const updateChart = (newOptions) => {', "const updateChart = (newOptions) => {\n\t\tdispatch('drawing');"],
	['chart.dispose();\n\n', "chart.dispose();\n\t\t\tdispatch('drawing');\n\n"]
];

// The content is busy while the browser queries its data: for screen readers, and for programs that open a page.
const BUSY = [
	["const system_routes = ['/settings', '/explore'];", `let running = 0;

/** @param {number} change */
const count = (change) => {
	running += change;
	document.getElementById('content')?.setAttribute('aria-busy', String(running > 0));
};

const system_routes = ['/settings', '/explore'];`],
	[
		'return (async () => {\n\t\t\t\tawait database_initialization;',
		'count(1);\n\t\t\treturn (async () => {\n\t\t\t\tawait database_initialization;'
	],
	['return callback(result);\n\t\t\t})();', 'return callback(result);\n\t\t\t})().finally(() => count(-1));']
];

// Pages without a title in their front matter set their own: components/PageTitle.svelte.
const PAGE_HEAD = [
	['<title>Evidence</title>', ''],
	['<meta name="twitter:card" content="summary_large_image" />', ''],
	['<meta name="twitter:site" content="@evidence_dev" />', '']
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

const COMMANDS = [
	// Evidence would copy the build over the served site. Ours is checked first: see scripts/build.mjs.
	["fs.copySync(outDir, './build');", "fs.copySync(outDir, './.build-next');"],
	// Its own pages, in English, bring an editor and 8,000 icons.
	[
		"fs.copySync(path.join(__dirname, '/template'), './.evidence/template/');",
		"fs.copySync(path.join(__dirname, '/template'), './.evidence/template/', { filter: (file) => !/src.pages.(explore|settings)$/.test(file) });"
	]
];

// Every component that the index exports is bundled, used or not: maps, calendars, the SQL console, the settings with the
// logos of all brands. A page that uses another component fails to build until it is added here.
const USED_COMPONENTS = [
	["export * from './atoms/index.js';", [
		"export { ButtonGroup, ButtonGroupItem } from './atoms/inputs/button-group';",
		"export { Dropdown } from './atoms/inputs/dropdown';",
		"export { QueryLoad } from './atoms/query-load';"
	].join('\n')],
	["export * from './molecules/index.js';", "export { ToastWrapper } from './molecules/toast';"],
	["export * from './organisms/index.js';", [
		"export { default as ErrorOverlay } from './organisms/layout/ErrorOverlay.svelte';",
		"export { default as LoadingSkeleton } from './organisms/layout/misc/LoadingSkeleton.svelte';"
	].join('\n')],
	["export * from './unsorted/index.js';", [
		"export { default as Details } from './unsorted/ui/Details.svelte';",
		"export { default as ECharts } from './unsorted/viz/core/ECharts.svelte';",
		"export { default as Column } from './unsorted/viz/table/Column.svelte';",
		"export { default as DataTable } from './unsorted/viz/table/DataTable.svelte';"
	].join('\n')]
];

// Buttons shown only on hover cannot be reached by keyboard or touch.
const ALWAYS_SHOWN = ['display={hovering}', 'display={true}'];

// The downloaded file has the headings of the table, not its column names.
const RUSSIAN_FILES = [
	["import DownloadData from '../../ui/DownloadData.svelte';", "import DownloadCsv from '$lib/DownloadCsv.svelte';"],
	[
		'<DownloadData class="download-button" data={tableData} {queryID} display={true} />',
		'<DownloadCsv rows={data} columns={orderedColumns.map(({ id, title, fmt, fmtColumn }) => ({ column: id, label: title ?? id, fmt, fmtColumn }))} />'
	]
];

// Of every query of a page the build recorded the SQL, by reading and rewriting a file with all SQL of the page that nobody
// reads, and did so again for the second pass over the page: half of the time of a page.
const QUERY_RECORDS = [
	['const sql_string_cache = new Map();', 'const sql_string_cache = new Map();\n\nconst recorded_queries = {};'],
	[
		"if (!existsSync(sql_path)) {\n\t\twriteToPossiblyNonexistentFile(sql_path, '{}');\n\t}\n\tconst sql_cache = JSON.parse(readFileSync(sql_path, 'utf-8'));",
		'const sql_cache = (recorded_queries[double_cache_path] ??= {});\n\tif (sql_cache[query_name]?.query_hash === ipc_table_hash) return;'
	],
	['writeFileSync(sql_path, JSON.stringify(sql_cache));', '']
];

// The build counted the rows of a query before it read them.
const ROW_COUNTS = ['this.#fetchLength(),\n\t\t\t(e,', "typeof window === 'undefined' || this.#fetchLength(),\n\t\t\t(e,"];

// A page repeats the SQL of each query four times, so that it follows parameters and inputs: needless where there are none.
const SQL_TEXT = "\\`${duckdbQueries[id].compiledQueryString.replaceAll('`', '\\\\`')}\\`";
const SQL_ONCE = [
	[`let __\${id}HasUnresolved = hasUnsetValues${SQL_TEXT};`, `let __\${id}HasUnresolved = \${reactiveIds.includes(id) ? \`hasUnsetValues${SQL_TEXT}\` : false};`],
	[
		`$: __\${id}HasUnresolved = hasUnsetValues${SQL_TEXT};\n                $: __\${id}Text = ${SQL_TEXT}`,
		`\${!reactiveIds.includes(id) ? '' : \`$: __\${id}HasUnresolved = hasUnsetValues${SQL_TEXT};\n                $: __\${id}Text = ${SQL_TEXT}\`}`
	]
];

const EDITS = {
	'core-components/dist/index.js': USED_COMPONENTS,
	'evidence/cli.js': COMMANDS,
	'evidence/template/src/pages/+layout.js': BUSY,
	'preprocess/dist/index.mjs': [...PAGE_HEAD, ...QUERY_VIEWERS, ...SQL_ONCE],
	'preprocess/dist/index.cjs': [...PAGE_HEAD, ...QUERY_VIEWERS, ...SQL_ONCE],
	'sdk/src/usql/query/Query.js': [ROW_COUNTS],
	'universal-sql/src/cache-duckdb.js': QUERY_RECORDS,
	'universal-sql/src/client-duckdb/browser.js': [...UNKNOWN_SETTINGS, ...ONE_ENGINE],
	'universal-sql/src/client-duckdb/node.js': UNKNOWN_SETTINGS,
	'component-utilities/src/echarts.js': [...RUSSIAN_CHARTS, ...CHART_EVENTS, FEWER_CHARTS],
	'component-utilities/src/echartsCanvasDownload.js': [FEWER_CHARTS],
	'component-utilities/src/echartsCopy.js': [FEWER_CHARTS],
	'component-utilities/src/autoFormatting.js': [['toLocaleString(undefined,', "toLocaleString('ru-RU',"]],
	'component-utilities/src/formatting.js': [["return '-';", "return '—';"]],
	'core-components/dist/atoms/fullscreen/Fullscreen.svelte': [
		['<button\n\t\tclass="absolute', '<button\n\t\taria-label="Закрыть"\n\t\tclass="absolute']
	],
	'core-components/dist/atoms/inputs/button-group/ButtonGroup.svelte': [['role="group"', 'role="group"\n\t\t\t\taria-label={title}']],
	'core-components/dist/atoms/inputs/button-group/ButtonGroupItem.svelte': [
		['type="button"\n', 'type="button"\n\t\taria-pressed={$currentValue?.value === value}\n']
	],
	// Its button claims that the list is open as soon as the page is hydrated, and never names the list.
	'core-components/dist/atoms/inputs/dropdown/Dropdown.svelte': [
		['No results found.', 'Ничего не найдено'],
		[
			'role="combobox"',
			'role="combobox"\n\t\t\t\t\t\taria-expanded={open ? "true" : "false"}\n\t\t\t\t\t\taria-controls={open ? `dropdown-${name}` : undefined}'
		],
		['<Command.List>', '<Command.List aria-label={title}>'],
		['<Popover.Content class="w-[200px]', '<Popover.Content id={`dropdown-${name}`} class="w-[200px]']
	],
	// The list finds its options by a CSS selector built from this text, which may contain quotes.
	'core-components/dist/atoms/inputs/dropdown/helpers/DropdownOptionDisplay.svelte': [
		['value={String(valueLabel)}', 'value={encodeURIComponent(valueLabel)}']
	],
	'core-components/dist/atoms/skeletons/Skeleton.svelte': [['Loading...', 'Загрузка…']],
	'core-components/dist/organisms/layout/misc/LoadingSkeleton.svelte': [['Loading...', 'Загрузка…']],
	'core-components/dist/unsorted/ui/ChartLoading.svelte': [['Loading...', 'Загрузка…']],
	'core-components/dist/unsorted/ui/Details.svelte': [
		['<button\n', '<button\n\t\t\ttype="button"\n\t\t\taria-expanded={open}\n']
	],
	'core-components/dist/unsorted/viz/core/ECharts.svelte': [
		['text="Save Image"', 'text="Сохранить рисунок"'],
		ALWAYS_SHOWN
	],
	'core-components/dist/unsorted/viz/core/_Sparkline.svelte': [FEWER_CHARTS],
	'core-components/dist/unsorted/viz/core/EmptyChart.svelte': [
		// A table without rows is not an error: it shows that there is no data.
		["export let emptySet = 'error';", "export let emptySet = 'pass';"],
		["'No Records'", "'Нет данных'"],
		["'Dataset is empty - query ran successfully, but no data was returned from the database'", "'Запрос не вернул строк'"],
		["'Dataset is empty'", "'Нет данных'"]
	],
	'core-components/dist/unsorted/viz/core/SearchBar.svelte': [
		["placeholder = 'Search'", "placeholder = 'Поиск'"],
		['type="text"', 'type="text"\n\t\taria-label={placeholder}']
	],
	'core-components/dist/unsorted/viz/core/Value.svelte': [['Loading...', 'Загрузка…']],
	'core-components/dist/unsorted/viz/table/DataTable.svelte': [["chartType = 'Data Table'", "chartType = 'Таблица'"]],
	'core-components/dist/unsorted/viz/table/EnterFullScreen.svelte': [
		['aria-label="Enter Fullscreen"', 'aria-label="На весь экран"'],
		['<span>Fullscreen</span>', '<span>На весь экран</span>']
	],
	'core-components/dist/unsorted/viz/table/TableHeader.svelte': [
		['Links', 'Ссылка'],
		[
			"on:click={sortable ? sortClick(column.id) : ''}",
			[
				"on:click={sortable ? sortClick(column.id) : ''}",
				'tabindex={sortable ? 0 : undefined}',
				"aria-sort={sortObj.col !== column.id ? undefined : sortObj.ascending ? 'ascending' : 'descending'}",
				"on:keydown={(event) => sortable && ['Enter', ' '].includes(event.key) && (event.preventDefault(), sortClick(column.id))}"
			].join('\n\t\t\t\t')
		]
	],
	'core-components/dist/unsorted/viz/table/TableRow.svelte': [
		['>See more<', '>Подробнее<'],
		[
			'on:click={(event) => navigateToLink(row, event)}',
			[
				'on:click={(event) => navigateToLink(row, event)}',
				'tabindex={link && row[link] ? 0 : undefined}',
				"on:keydown={(event) => event.key === 'Enter' && navigateToLink(row, event)}"
			].join('\n\t\t')
		]
	],
	'core-components/dist/unsorted/viz/table/_DataTable.svelte': [
		ALWAYS_SHOWN,
		...RUSSIAN_FILES,
		['placeholder={currentPage}', 'placeholder={currentPage}\n\t\t\t\t\t\t\taria-label="Номер страницы"'],
		['\t\t\t\t\t\tPage\n', '\t\t\t\t\t\tСтр.\n'],
		['{pageCount.toLocaleString()}', "{pageCount.toLocaleString('ru-RU')}"],
		[
			'{displayedPageLength.toLocaleString()} of {totalRows.toLocaleString()} records',
			"{displayedPageLength.toLocaleString('ru-RU')} из {totalRows.toLocaleString('ru-RU')} строк"
		],
		['>No Results<', '>Ничего не найдено<'],
		["title: 'Search Failed'", "title: 'Поиск не удался'"],
		["message: 'Please use a query instead.'", "message: 'Измените запрос.'"],
		['aria-label="first-page"', 'aria-label="Первая страница"'],
		['aria-label="previous-page"', 'aria-label="Предыдущая страница"'],
		['aria-label="next-page"', 'aria-label="Следующая страница"'],
		['aria-label="last-page"', 'aria-label="Последняя страница"']
	]
};

/** Text of the file as installed; a copy is kept next to it on the first run. */
function original(file) {
	const copy = `${file}.original`;
	if (!fs.existsSync(copy)) fs.copyFileSync(file, copy);
	return fs.readFileSync(copy, 'utf8');
}

function writeIfChanged(file, text) {
	if (fs.readFileSync(file, 'utf8') !== text) fs.writeFileSync(file, text);
}

for (const [name, edits] of Object.entries(EDITS)) {
	const file = path.join(PACKAGES, name);
	if (!fs.existsSync(file)) throw new Error(`patch-evidence: no file ${name}; run "npm ci" in reports/ first`);
	const text = edits.reduce((current, [from, to]) => {
		if (!current.includes(from)) throw new Error(`patch-evidence: ${name} no longer contains: ${from}`);
		return current.replaceAll(from, to);
	}, original(file));
	writeIfChanged(file, text);
}

// The shell of every page: language, icon and the policy that nothing is fetched from elsewhere.
const shell = path.join(PACKAGES, 'evidence/template/src/app.html');
if (!original(shell).includes('%sveltekit.body%')) throw new Error('patch-evidence: app.html is not a SvelteKit shell');
writeIfChanged(shell, fs.readFileSync(path.join(ROOT, 'lib/app.html'), 'utf8'));
