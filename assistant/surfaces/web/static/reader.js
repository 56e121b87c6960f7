// The sign beside a clause copies its address; without this script it is a plain link to the clause.
const status = document.getElementById("copied");
let timer = 0;

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a.permalink");
  if (!link || !navigator.clipboard) return;
  try {
    await navigator.clipboard.writeText(location.origin + location.pathname + link.hash);
  } catch {
    return; // the reader has forbidden it: the link still leads to the clause
  }
  status.textContent = status.dataset.text;
  clearTimeout(timer);
  timer = setTimeout(() => { status.textContent = ""; }, 2500);
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
