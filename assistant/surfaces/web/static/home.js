// The home page around the widget: sample questions ask in place, and the address always holds the last question.

const widget = document.querySelector("tiaowen-ask");

for (const link of document.querySelectorAll("a[data-question]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opened beside
    event.preventDefault();
    widget.ask(link.dataset.question, link.dataset.region);
  });
}

widget.addEventListener("tiaowen-ask", (event) => {
  const { question, region } = event.detail;
  const query = new URLSearchParams({ q: question });
  if (region) query.set("region", region);
  history.replaceState(null, "", `?${query}`);
});

// An address that is opened asks its question; a reload shows what was answered.
const address = new URLSearchParams(location.search);
const isReload = performance.getEntriesByType("navigation")[0]?.type === "reload";
if (address.get("q") && !isReload) widget.ask(address.get("q"), (address.get("region") || "").trim());
