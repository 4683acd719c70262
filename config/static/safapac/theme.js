// Before anything is painted: light or dark as chosen on this device, else as the system has it.
(() => {
  const chosen = localStorage.getItem("theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
})();
