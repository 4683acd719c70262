// Draws what config/charts.py describes: <div data-chart="ID"> with its data in <script type="application/json" id="ID">.
// Needs ECharts before it. Colours come from the style sheet, so that light and dark follow.
(() => {
  const palette = ["#0b6b4f", "#d08c1d", "#3b6fb6", "#a34d78", "#6b8e23", "#7a5cc0", "#c0562f", "#2f8f9d", "#8c7a5b", "#566573"];
  const paletteDark = ["#4cc49a", "#e6b450", "#7fb0f0", "#e08bb5", "#a9cf5a", "#b39bf0", "#f0956b", "#6fd0dd", "#c9b48c", "#9aa7b3"];
  const drawn = new Map();
  // What is printed is laid out for paper after it was drawn: the width of A4 between its margins.
  const paper = matchMedia("print");
  const SHEET = 718;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const number = (value) => {
    if (value === null || value === undefined || value === "-") return "–";
    const size = Math.abs(value);
    if (size >= 1e9) return `${(value / 1e9).toLocaleString("en", { maximumSignificantDigits: 4 })} bn`;
    if (size >= 1e6) return `${(value / 1e6).toLocaleString("en", { maximumSignificantDigits: 4 })} M`;
    if (size >= 1e3) return value.toLocaleString("en", { maximumFractionDigits: size >= 1e5 ? 0 : 2 });
    return value.toLocaleString("en", { maximumSignificantDigits: 4 });
  };

  const roleColours = () => ({
    good: colour("--good"),
    bad: colour("--bad"),
    muted: colour("--pico-muted-color"),
    reference: colour("--warn"),
  });

  // A waterfall is two stacked bars, of which the lower one is not seen.
  const waterfall = (chart) => {
    const values = chart.series[0].values;
    const hidden = [];
    const up = [];
    const down = [];
    let level = 0;
    values.forEach((value, index) => {
      const isTotal = chart.totals.includes(chart.categories[index]);
      const from = isTotal ? 0 : level;
      const to = isTotal ? value : level + (value ?? 0);
      hidden.push(from * to < 0 ? 0 : Math.min(Math.abs(from), Math.abs(to)) * Math.sign(from || to));
      const size = from * to < 0 ? to : (Math.max(Math.abs(from), Math.abs(to)) - Math.min(Math.abs(from), Math.abs(to))) * Math.sign(from || to || 1);
      const rises = isTotal || to >= from;
      up.push(rises ? size : "-");
      down.push(rises ? "-" : size);
      level = to;
    });
    return { hidden, up, down };
  };

  // Two quantities against each other, a named point a category; the axes need not begin at zero.
  const points = (chart) => {
    const ink = colour("--pico-color");
    const line = colour("--pico-muted-border-color");
    const label = { color: ink, fontFamily: "inherit" };
    const [across, up] = chart.series;
    const axis = (one, isAcross) => ({
      type: "value",
      scale: true,
      boundaryGap: ["15%", "15%"],
      name: one.unit ? `${one.name}, ${one.unit}` : one.name,
      nameLocation: isAcross ? "middle" : "end",
      nameGap: isAcross ? 28 : 12,
      nameTextStyle: isAcross ? label : { ...label, align: "left" },
      axisLabel: { ...label, formatter: number, hideOverlap: true },
      axisLine: { show: true, onZero: false, lineStyle: { color: line } },
      splitLine: { lineStyle: { color: line } },
    });
    const known = chart.categories
      .map((name, index) => ({ name, value: [across.values[index], up.values[index]] }))
      .filter((point) => point.value[0] !== null && point.value[1] !== null);
    const marks = (chart.marks || []).map((mark) => ({ [mark.axis === "category" ? "xAxis" : "yAxis"]: mark.at, name: mark.label }));
    return {
      color: window.safapac.isDark() ? paletteDark : palette,
      animation: !paper.matches && !matchMedia("(prefers-reduced-motion: reduce)").matches,
      animationDuration: 300,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 12, right: 28, top: 44, bottom: 36, containLabel: true },
      tooltip: {
        trigger: "item",
        renderMode: "richText",
        confine: true,
        formatter: ({ name, value }) =>
          [name, `${across.name}: ${number(value[0])} ${across.unit}`, `${up.name}: ${number(value[1])} ${up.unit}`].join("\n"),
      },
      xAxis: axis(across, true),
      yAxis: axis(up, false),
      series: known.map((point, index) => ({
        name: point.name,
        type: "scatter",
        symbolSize: 12,
        data: [point],
        label: { show: true, formatter: "{b}", position: "top", color: ink, width: 160, overflow: "truncate" },
        labelLayout: { hideOverlap: true },
        markLine:
          index === 0 && marks.length
            ? {
                symbol: "none",
                silent: true,
                label: { formatter: "{b}", color: ink, position: "insideEndTop" },
                lineStyle: { color: roleColours().reference, type: "dashed" },
                data: marks,
              }
            : undefined,
      })),
    };
  };

  const options = (chart, width) => {
    if (chart.kind === "points") return points(chart);
    const isDark = window.safapac.isDark();
    const ink = colour("--pico-color");
    const line = colour("--pico-muted-border-color");
    const roles = roleColours();
    const isRows = chart.kind === "rows";
    const label = { color: ink, fontFamily: "inherit" };
    // Few names are all told, on as many lines as they need; of years the axis leaves some out.
    const isNamed = chart.kind === "bars" && chart.categories.length <= 12 && chart.categories.some((name) => Number.isNaN(Number(name)));
    const category = {
      type: "category",
      data: chart.categories,
      inverse: isRows,
      axisLabel: { ...label, hideOverlap: true, interval: isRows || isNamed || chart.kind === "waterfall" ? 0 : "auto", rotate: !isRows && chart.kind === "waterfall" && width / chart.categories.length < 85 ? 45 : 0, width: isRows ? Math.min(180, width * 0.35) : isNamed ? Math.max(40, (width - 90) / chart.categories.length - 8) : undefined, overflow: "break", lineHeight: 14 },
      axisLine: { lineStyle: { color: line }, onZero: false },
      name: isRows || chart.kind === "waterfall" ? "" : chart.axisName,
      nameLocation: "middle",
      nameGap: isNamed ? 44 : 28,
      nameTextStyle: label,
    };
    // A mark beyond the bars is what they are to be compared with: the axis reaches it.
    const marked = (chart.marks || []).filter((mark) => mark.axis === "value").map((mark) => mark.at);
    const highest = Math.max(...marked);
    const power = 10 ** Math.floor(Math.log10(highest * 1.05));
    const step = highest > 0 ? (highest * 1.05 > 5 * power ? 2 : highest * 1.05 > 2 * power ? 1 : 0.5) * power : 1;
    const value = {
      type: "value",
      max: ({ max }) => (highest > max ? Math.ceil((highest * 1.05) / step) * step : null),
      axisLabel: { ...label, formatter: number, hideOverlap: true },
      splitLine: { lineStyle: { color: line } },
    };
    // The word of a mark that stands upright is told above the chart, where no line runs, and leans away from the edges.
    const marks = (chart.marks || []).map((mark) => {
      const isUpright = (mark.axis === "category") !== isRows;
      const line = { [isUpright ? "xAxis" : "yAxis"]: mark.at, name: mark.label };
      if (!isUpright || isRows) return line;
      const share = chart.categories.indexOf(mark.at) / Math.max(1, chart.categories.length - 1);
      return { ...line, label: { position: "end", align: share < 0.25 ? "left" : share > 0.75 ? "right" : "center" } };
    });
    const markLine = marks.length
      ? {
          symbol: "none",
          silent: true,
          label: { formatter: "{b}", color: ink, position: "insideEndTop" },
          lineStyle: { color: roles.reference, type: "dashed" },
          data: marks,
        }
      : undefined;
    let series;
    if (chart.kind === "waterfall") {
      const steps = waterfall(chart);
      const total = (size, index) =>
        chart.totals.includes(chart.categories[index]) ? { value: size, itemStyle: { color: (isDark ? paletteDark : palette)[2] } } : size;
      series = [
        { type: "bar", stack: "fall", data: steps.hidden, itemStyle: { color: "transparent" }, silent: true, tooltip: { show: false }, markLine },
        { name: chart.series[0].name, type: "bar", stack: "fall", data: steps.up.map(total), itemStyle: { color: colour("--brand") } },
        { name: chart.series[0].name, type: "bar", stack: "fall", data: steps.down, itemStyle: { color: roles.reference } },
      ];
    } else {
      series = chart.series.map((one, index) => ({
        name: one.name,
        type: one.kind,
        stack: one.stack || undefined,
        data: one.values.map((v) => (v === null ? "-" : v)),
        symbolSize: 5,
        showSymbol: one.values.length < 60,
        itemStyle: one.role ? { color: roles[one.role] } : undefined,
        lineStyle: { width: 2, type: one.dashed ? "dashed" : "solid", ...(one.role ? { color: roles[one.role] } : {}) },
        barMaxWidth: 42,
        connectNulls: false,
        markLine: index === 0 ? markLine : undefined,
      }));
    }
    return {
      color: isDark ? paletteDark : palette,
      animation: !paper.matches && !matchMedia("(prefers-reduced-motion: reduce)").matches,
      animationDuration: 300,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 12, right: 20, top: chart.series.length > 1 ? 44 : 20, bottom: chart.axisName && !isRows && chart.kind !== "waterfall" ? (isNamed ? 44 : 36) : 12, containLabel: true },
      legend: { show: chart.series.length > 1 && chart.kind !== "waterfall", type: "scroll", top: 0, textStyle: label, pageTextStyle: label },
      tooltip: {
        trigger: "axis",
        renderMode: "richText", // styles that ECharts writes into markup are refused by the content security policy
        axisPointer: { type: "shadow" },
        confine: true,
        formatter: (points) => {
          if (chart.kind === "waterfall") {
            const at = points[0].dataIndex;
            return `${chart.categories[at]}\n${number(chart.series[0].values[at])} ${chart.unit}`;
          }
          const lines = points.map((point) => `${point.seriesName}: ${number(point.value)} ${chart.unit}`);
          return [points[0].name, ...lines].join("\n");
        },
      },
      [isRows ? "yAxis" : "xAxis"]: category,
      [isRows ? "xAxis" : "yAxis"]: value,
      series,
    };
  };

  const draw = (at) => {
    const data = document.getElementById(at.dataset.chart);
    if (!data || !at.clientWidth) return;
    const chart = JSON.parse(data.textContent);
    const plot = echarts.getInstanceByDom(at) || echarts.init(at, null, { renderer: "canvas" });
    const width = paper.matches ? SHEET : at.clientWidth;
    plot.resize(paper.matches ? { width: SHEET, height: plot.getHeight() } : { width: "auto", height: "auto" });
    plot.setOption(options(chart, width), true);
    drawn.set(at, plot);
  };

  const drawAll = () => {
    for (const [at, plot] of drawn) {
      if (!at.isConnected) {
        plot.dispose();
        drawn.delete(at);
      }
    }
    for (const at of document.querySelectorAll("[data-chart]")) draw(at);
  };

  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const plot = drawn.get(target);
      if (!plot) draw(target);
      else if (!paper.matches) plot.resize({ width: "auto", height: "auto" });
    }
  });

  const begin = () => {
    drawAll();
    for (const at of document.querySelectorAll("[data-chart]")) watch.observe(at);
  };

  document.addEventListener("DOMContentLoaded", begin);
  document.addEventListener("htmx:afterSettle", begin);
  document.addEventListener("themechange", drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  paper.addEventListener("change", drawAll);
})();
