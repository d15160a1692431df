// The part of ECharts that the site draws with (components/TrendChart.svelte): all of it would be three times as large.
// Not from 'echarts/charts' and 'echarts/components': the build would read every chart to drop it.
import { install as BarChart } from 'echarts/lib/chart/bar/install.js';
import { install as CustomChart } from 'echarts/lib/chart/custom/install.js';
import { install as LineChart } from 'echarts/lib/chart/line/install.js';
import { install as ScatterChart } from 'echarts/lib/chart/scatter/install.js';
import { install as AriaComponent } from 'echarts/lib/component/aria/install.js';
import { install as GridComponent } from 'echarts/lib/component/grid/install.js';
import { install as MarkLineComponent } from 'echarts/lib/component/marker/installMarkLine.js';
import { install as TooltipComponent } from 'echarts/lib/component/tooltip/install.js';
import { use } from 'echarts/core';
import { LabelLayout, UniversalTransition } from 'echarts/features';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';

use([
	AriaComponent,
	BarChart,
	CanvasRenderer,
	CustomChart,
	GridComponent,
	LabelLayout,
	LineChart,
	MarkLineComponent,
	ScatterChart,
	SVGRenderer,
	TooltipComponent,
	UniversalTransition
]);

export { connect, init, registerLocale, registerTheme } from 'echarts/core';
