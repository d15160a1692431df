// The part of ECharts that the site draws with (components/TrendChart.svelte): all of it would be three times as large.
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { AriaComponent, GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
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
