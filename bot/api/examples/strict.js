// What a page may do under a policy without styles and inline scripts: styles made in the script, texts set as texts.
(() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("body { max-width: 60ch; margin: 2rem auto; padding: 0 1rem; font: 16px/1.6 system-ui, sans-serif; }");
  document.adoptedStyleSheets = [sheet];
  let violations = 0;
  document.addEventListener("securitypolicyviolation", () => {
    const shown = document.getElementById("violations");
    if (shown) shown.textContent = String((violations += 1));
  });
  document.addEventListener("DOMContentLoaded", async () => {
    const { items } = await (await fetch("../api/v1/items?site=shop&limit=8")).json();
    for (const { title } of items) {
      const line = document.createElement("li");
      line.textContent = title;
      document.getElementById("items")?.append(line);
    }
  });
})();
