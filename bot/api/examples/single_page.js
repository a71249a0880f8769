// A single-page application: every product has its own address, and Parley is told which one is open.

import { card, find } from "./items.js";

/** @param {any[]} given */
const parley = (...given) => /** @type {any} */ (window).Parley(...given);
const view = /** @type {HTMLElement} */ (document.getElementById("view"));
const items = await find("");

/** Show what the address names: a product, else all of them. */
function show() {
  const item = items.find((one) => one.id === new URLSearchParams(location.search).get("item"));
  document.title = item ? item.title : "Larch & Lantern";
  if (item) product(item);
  else list();
}

/** @param {string} address */
function go(address) {
  history.pushState(null, "", address);
  show();
}

function list() {
  const shown = document.createElement("div");
  shown.className = "items";
  shown.append(...items.map((item) => card(item, { Open: () => go(`?item=${encodeURIComponent(item.id)}`) })));
  view.replaceChildren(heading("Everything"), shown);
  parley("context", {});
}

/** @param {import("./items.js").Item} item */
function product(item) {
  const text = document.createElement("p");
  text.textContent = item.description;
  const deeds = { "All products": () => go(location.pathname), "What goes with it?": () => parley("send", "What is like this one, but cheaper?") };
  view.replaceChildren(heading(item.title), text, card(item, deeds));
  parley("context", { item_id: item.id, title: item.title, url: location.href });
  parley("track", { kind: "view", item_id: item.id });
}

/** @param {string} text */
function heading(text) {
  const made = document.createElement("h1");
  made.textContent = text;
  return made;
}

addEventListener("popstate", show);
show();
