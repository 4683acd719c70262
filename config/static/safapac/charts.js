// Draws what config/charts.py describes: <div data-chart="ID"> with its data in <script type="application/json" id="ID">.
// Needs ECharts before it. Colours come from the style sheet, so that light and dark follow.
(() => {
  const palette = ["#0b6b4f", "#d08c1d", "#3b6fb6", "#a34d78", "#6b8e23", "#7a5cc0", "#c0562f", "#2f8f9d", "#8c7a5b", "#566573"];
  const paletteDark = ["#4cc49a", "#e6b450", "#7fb0f0", "#e08bb5", "#a9cf5a", "#b39bf0", "#f0956b", "#6fd0dd", "#c9b48c", "#9aa7b3"];
  const drawn = new Map();

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

  const options = (chart, width) => {
    const isDark = window.safapac.isDark();
    const ink = colour("--pico-color");
    const line = colour("--pico-muted-border-color");
    const roles = roleColours();
    const isRows = chart.kind === "rows";
    const label = { color: ink, fontFamily: "inherit" };
    const category = {
      type: "category",
      data: chart.categories,
      inverse: isRows,
      axisLabel: { ...label, hideOverlap: true, interval: isRows || chart.kind === "waterfall" ? 0 : "auto", rotate: !isRows && chart.kind === "waterfall" && width < 640 ? 45 : 0, width: isRows ? Math.min(180, width * 0.35) : undefined, overflow: "break" },
      axisLine: { lineStyle: { color: line }, onZero: false },
      name: isRows ? "" : chart.axisName,
      nameLocation: "middle",
      nameGap: 28,
      nameTextStyle: label,
    };
    const value = {
      type: "value",
      axisLabel: { ...label, formatter: number, hideOverlap: true },
      splitLine: { lineStyle: { color: line } },
    };
    const marks = (chart.marks || []).map((mark) => ({
      [(mark.axis === "category") !== isRows ? "xAxis" : "yAxis"]: mark.at,
      name: mark.label,
    }));
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
      series = [
        { type: "bar", stack: "fall", data: steps.hidden, itemStyle: { color: "transparent" }, silent: true, tooltip: { show: false }, markLine },
        { name: chart.series[0].name, type: "bar", stack: "fall", data: steps.up, itemStyle: { color: colour("--brand") } },
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
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      animationDuration: 300,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 12, right: 20, top: chart.series.length > 1 ? 44 : 20, bottom: chart.axisName && !isRows ? 36 : 12, containLabel: true },
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
    plot.setOption(options(chart, at.clientWidth), true);
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
      if (plot) plot.resize();
      else draw(target);
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
  matchMedia("print").addEventListener("change", drawAll);
})();
