element.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-how]");
  if (!button) return;
  const how = button.dataset.how;
  if (how === "export") {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([await server.export_all({})], { type: "application/json" }));
    link.download = "what-parley-knows-of-me.json";
    link.click();
    URL.revokeObjectURL(link.href);
  } else if (how === "erase") {
    trigger("clear");
  } else {
    trigger("click", { how, what: button.dataset.target || "" });
  }
});
element.addEventListener("toggle", async (event) => {
  if (!event.target.matches(".parley-months") || !event.target.open) return;
  const rows = (await server.months({})).map((told) => {
    const row = document.createElement("li");
    row.textContent = told;
    return row;
  });
  event.target.querySelector("ul").replaceChildren(...rows);
}, true);
