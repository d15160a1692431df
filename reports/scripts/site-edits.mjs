// Edits of what readers see: texts in Russian, what keyboards and screen readers need, and the engine that works offline.
/* eslint-disable no-template-curly-in-string -- the edits are source code */

// duckdb-wasm 1.28.0 is the last release with parquet compiled in; later ones fetch it from the network. It does not know
// two settings that Evidence applies for newer engines.
const UNKNOWN_SETTINGS = [
	["await connection.query('SET ieee_floating_point_ops = false;');", ''],
	["await connection.query('SET old_implicit_casting = true;');", '']
];

const RUSSIAN_CHARTS = [
	[
		"import { registerTheme, init, connect } from 'echarts';",
		"import { registerTheme, init, connect, registerLocale } from 'echarts';\nimport russian from 'echarts/i18n/langRU-obj.js';\n\nregisterLocale('RU', russian);"
	],
	['init(node, options.theme, {', "init(node, options.theme, {\n\t\t\tlocale: 'RU',"]
];

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

// Pages come with the rows that they show first: the engine of 33 MB waits until somebody asks for others.
const ENGINE_ON_DEMAND = [
	[
		'const database_initialization = profile(loadDB);',
		'let database;\n\nconst initialized = () => (database ??= profile(loadDB));'
	],
	['await database_initialization;', 'await initialized();'],
	['return database_initialization;', 'return initialized();']
];

// Pages without a title in their front matter set their own: components/PageTitle.svelte.
const PAGE_HEAD = [
	['<title>Evidence</title>', ''],
	['<meta name="twitter:card" content="summary_large_image" />', ''],
	['<meta name="twitter:site" content="@evidence_dev" />', '']
];

// Evidence would copy the build over the served site. Ours is checked first: see scripts/build.mjs.
const BUILD_FOLDER = ["fs.copySync(outDir, './build');", "fs.copySync(outDir, './.build-next');"];

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

/** Of each file in node_modules/@evidence-dev: pairs of a text and its replacement. */
export const SITE_EDITS = {
	'evidence/cli.js': [BUILD_FOLDER],
	'evidence/template/src/pages/+layout.js': [...BUSY, ...ENGINE_ON_DEMAND],
	'preprocess/dist/index.mjs': PAGE_HEAD,
	'preprocess/dist/index.cjs': PAGE_HEAD,
	'universal-sql/src/client-duckdb/browser.js': UNKNOWN_SETTINGS,
	'universal-sql/src/client-duckdb/node.js': UNKNOWN_SETTINGS,
	'component-utilities/src/echarts.js': [...RUSSIAN_CHARTS, ...CHART_EVENTS],
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
