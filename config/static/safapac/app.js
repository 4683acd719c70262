// What every page needs. Each part is found by a data attribute, so markup that htmx brings later works as well.
(() => {
  const root = document.documentElement;

  const paper = matchMedia("print");
  const isDark = () =>
    !paper.matches &&
    (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);

  // Paper is white, whatever the screen was, and nothing can be opened on it.
  let isPutAside = false;
  let opened = [];
  const toPaper = () => {
    if (!opened.length) {
      opened = [...document.querySelectorAll("details[data-paper]:not([open])")];
      for (const details of opened) details.open = true;
    }
    if (root.dataset.theme !== "dark") return;
    isPutAside = true;
    root.dataset.theme = "light";
  };
  const fromPaper = () => {
    for (const details of opened) details.open = false;
    opened = [];
    if (isPutAside) root.dataset.theme = "dark";
    isPutAside = false;
  };
  paper.addEventListener("change", () => (paper.matches ? toPaper : fromPaper)());
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", fromPaper);

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-theme-switch]")) {
      root.dataset.theme = isDark() ? "light" : "dark";
      localStorage.setItem("theme", root.dataset.theme);
      document.dispatchEvent(new CustomEvent("themechange"));
    }
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest("dialog").close();
    // An open menu closes when something else is clicked.
    for (const menu of document.querySelectorAll("details.dropdown[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.dropdown[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  });

  // A number copied alone is copied exactly, not as it is rounded for reading.
  document.addEventListener("copy", (event) => {
    const selection = document.getSelection();
    const at = selection.anchorNode && selection.anchorNode.parentElement;
    const figure = at && at.closest("data.figure");
    // Three clicks select to the beginning of what follows.
    const isAlone = figure && (figure.contains(selection.focusNode) || selection.toString().trim() === figure.innerText.trim());
    if (!isAlone) return;
    event.clipboardData.setData("text/plain", figure.value);
    event.preventDefault();
  });

  // Said aloud by screen readers and shown for a moment: window.safapac.say("Saved.")
  let silence;
  const say = (words, isFault = false) => {
    const said = document.getElementById("said");
    said.textContent = words;
    said.classList.toggle("fault", isFault);
    clearTimeout(silence);
    silence = setTimeout(() => (said.textContent = ""), isFault ? 12000 : 4000);
  };
  window.safapac = { say, isDark };

  // The server may send HX-Trigger: {"said": "Saved."}
  document.addEventListener("said", (event) => say(event.detail.value));

  document.addEventListener("htmx:sendError", () => say("The server cannot be reached. Nothing was lost; try again.", true));
  document.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    if (status === 401) say("You are signed out. Sign in in another window, then go on here: what you typed is kept.", true);
    else if (status === 403) say("You may not do this any more. Reload the page to see why.", true);
    else if (status === 404) say("It is not there any more.", true);
    else if (status === 429) {
      const seconds = event.detail.xhr.getResponseHeader("Retry-After");
      say(`Too many requests. Try again in ${seconds || "a few"} seconds.`, true);
    } else if (status >= 500) say("Something broke on our side and has been recorded. Try again.", true);
  });

  // Signing in again, in another window, gives this page another token as well.
  document.addEventListener("htmx:configRequest", (event) => {
    const token = (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1];
    if (!token) return;
    event.detail.headers["X-CSRFToken"] = token;
    if (event.detail.parameters.csrfmiddlewaretoken) event.detail.parameters.csrfmiddlewaretoken = token;
  });

  // Answers that carry markup of their own for a refusal are shown as any other.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if ([400, 409, 412, 422].includes(xhr.status) && (xhr.getResponseHeader("Content-Type") || "").startsWith("text/html")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
})();
