// "Why?" opens its trace in a dialog; without this script the link leads to the page of it.
(() => {
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "trace-content") return;
    const link = event.detail.requestConfig.elt.closest("[data-traces]");
    if (link) document.getElementById("trace-title").textContent = `Why: ${link.dataset.traces}`;
    const dialog = document.getElementById("trace-dialog");
    if (!dialog.open) dialog.showModal();
  });
})();
