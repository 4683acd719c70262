// The editor of a scenario: htmx sends and draws, this keeps marks, focus and the way back.
(() => {
  const byId = (id) => document.getElementById(id);
  const form = () => byId("editor");

  // What the server says of each field that it has not drawn anew.
  const mark = () => {
    const source = byId("states");
    if (!source || !source.textContent) return;
    const { fields, groups } = JSON.parse(source.textContent);
    for (const field of document.querySelectorAll("[data-field]")) {
      const state = fields[field.dataset.field] || {};
      const control = field.querySelector(".control > :first-child");
      const problem = field.querySelector(".problem");
      const revert = field.querySelector(".about > button");
      const own = field.querySelector(".mark");
      field.classList.toggle("changed", Boolean(state.changed));
      if (own) own.hidden = !state.changed;
      if (revert) revert.hidden = !state.held;
      const counted = field.querySelector("[data-counted]");
      if (counted) counted.textContent = state.counted || "";
      problem.textContent = state.problem || "";
      problem.hidden = !state.problem;
      control.toggleAttribute("aria-invalid", Boolean(state.problem));
      if (state.problem) control.setAttribute("aria-invalid", "true");
      if (state.default === undefined) continue;
      const shown = field.querySelector("[data-default]");
      if (shown && state.default) shown.textContent = `${state.default} ${state.unit}`.trim();
      if (control.tagName === "INPUT" && state.default) control.placeholder = state.default;
    }
    for (const [path, [changes, faults, problem]] of Object.entries(groups)) {
      const counts = document.querySelector(`[data-counts="${path}"]`);
      if (!counts) continue;
      const told = [];
      if (changes) told.push(Object.assign(document.createElement("span"), { className: "mark", textContent: `● ${changes} of your own` }));
      if (faults) told.push(Object.assign(document.createElement("span"), { className: "fault", textContent: ` ▲ ${faults} to look at` }));
      counts.replaceChildren(...told);
      const reverts = document.querySelector(`[data-reverts="${path}"]`);
      if (reverts) reverts.hidden = !changes;
      const words = byId(`p-${path}`);
      words.textContent = problem;
      words.hidden = !problem;
    }
  };

  // The way back: the inputs before each saved change of this session, which outlive a reload. Where somebody else's
  // change came between there is none, since it would take theirs back as well.
  const key = () => `scenario-${form().dataset.scenario}`;
  const past = () => JSON.parse(sessionStorage.getItem(key()) || '{"undo":[],"redo":[],"now":null}');
  let move = "load";

  const remember = () => {
    const base = byId("base");
    if (!base) return;
    const kept = past();
    if (base.value !== kept.now) {
      if (move === "load" || move === "settle") Object.assign(kept, { undo: [], redo: [] });
      else if (move) kept[move === "undo" ? "redo" : "undo"].push(kept[move].pop() && kept.now);
      else Object.assign(kept, { undo: [...kept.undo, kept.now].slice(-100), redo: [] });
      kept.now = base.value;
      sessionStorage.setItem(key(), JSON.stringify(kept));
    }
    move = null;
    const { undo, redo } = kept;
    for (const [name, stack] of [["undo", undo], ["redo", redo]]) {
      const button = document.querySelector(`[data-${name}]`);
      if (button) button.disabled = stack.length === 0;
    }
  };

  const restore = (name) => {
    const stack = past()[name];
    if (!stack.length) return;
    move = name;
    byId("restore").value = stack[stack.length - 1];
    const button = byId("restoring");
    button.hidden = false;
    form().requestSubmit(button);
    button.hidden = true;
  };

  const reveal = (target) => {
    for (let at = target; at; at = at.parentElement && at.parentElement.closest("details")) {
      if (at.tagName === "DETAILS") at.open = true;
    }
    target.scrollIntoView({ block: "center" });
    const control = target.matches("input, select") ? target : target.querySelector("summary");
    if (control) control.focus({ preventScroll: true });
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-undo]")) restore("undo");
    else if (event.target.closest("[data-redo]")) restore("redo");
    const link = event.target.closest('#workspace a[href^="#"]');
    const target = link && byId(decodeURIComponent(link.hash.slice(1)));
    if (target) {
      event.preventDefault();
      reveal(target);
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const button = document.querySelector("[data-calculate]");
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  // A change is not an order: only a button that was pressed says what to do, wherever the focus is.
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters, triggeringEvent } = event.detail;
    if (elt.id !== "editor") return;
    const by = triggeringEvent && triggeringEvent.type === "submit" ? triggeringEvent.submitter : null;
    const action = by && by.value ? by.value : "save";
    parameters.set("action", action);
    if (["settle", "take", "insist"].includes(action)) move = "settle";
    isUnsent = false;
    const saved = byId("saved");
    if (saved) saved.textContent = "Saving…";
  });

  // What was open stays open, and where the eye was stays where it was, when the form is drawn anew.
  let open = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    // Too many calculations asked for: the inputs were saved all the same, and the answer says so.
    if (event.detail.xhr.status === 429 && event.detail.requestConfig.elt.id === "editor") {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    if (!event.detail.target || event.detail.target.id !== "workspace") return;
    open = new Map([...document.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (!open) return;
    for (const [id, was] of open) if (byId(id) && was) byId(id).open = true;
    open = null;
  });

  let noticed = "";
  const isPreview = ({ detail }) => Boolean(detail.requestConfig) && detail.requestConfig.elt.id === "live";
  // What is saved meanwhile is previewed with it. Too many previews are no fault of who types: words above the figures
  // say that they wait.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isPreview(event)) return;
    if (event.detail.xhr.status === 429) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    if (!isUnsent) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (isPreview(event)) return;
    mark();
    remember();
    const notice = document.querySelector("#notice .notice");
    const told = notice ? notice.querySelector("h2").textContent : "";
    if (notice && told !== noticed) notice.scrollIntoView({ block: "nearest" });
    noticed = told;
  });

  const unsaved = (event) => {
    if (event.detail.requestConfig.elt.id !== "editor") return;
    const saved = byId("saved");
    if (saved) saved.textContent = "Not saved";
    isUnsent = true;
  };
  document.addEventListener("htmx:sendError", unsaved);
  document.addEventListener("htmx:responseError", unsaved);

  // A column pasted from a spreadsheet has lines, which a field of one line would lose.
  document.addEventListener("paste", (event) => {
    const control = event.target.closest && event.target.closest("[data-series]");
    if (!control) return;
    event.preventDefault();
    const text = event.clipboardData.getData("text/plain").trim().replace(/\s*[\t\r\n]+\s*/g, "; ");
    control.setRangeText(text, control.selectionStart, control.selectionEnd, "end");
    control.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // What was typed in the last moment before the page is left is sent as it goes.
  let isUnsent = false;
  document.addEventListener("input", (event) => {
    if (!event.target.form || event.target.form !== form()) return;
    isUnsent = true;
    if (event.target.matches("input")) htmx.trigger(byId("live"), "typed");
  });
  // A choice is made at once; only typing is waited for. Not a number whose field is left: by the button pressed next, say,
  // which the answer would draw anew under the finger.
  document.addEventListener("change", (event) => {
    if (event.target.matches("select") && event.target.form === form() && isUnsent) htmx.trigger(form(), "chosen");
  });
  addEventListener("pagehide", () => {
    if (isUnsent && form()) navigator.sendBeacon(form().getAttribute("action"), new FormData(form()));
  });

  document.addEventListener("DOMContentLoaded", () => {
    const sheet = document.querySelector(".sheet");
    if (sheet && matchMedia("(max-width: 900px)").matches) sheet.open = false;
    remember();
    // What was typed before the scripts were there: nobody has heard of it yet.
    const isTyped = (control) =>
      control.matches("select")
        ? control.selectedIndex !== Math.max(0, [...control.options].findIndex((option) => option.defaultSelected))
        : control.type !== "hidden" && control.value !== control.defaultValue;
    const early = form() && [...form().querySelectorAll("input, select")].find(isTyped);
    if (early) early.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
