// A shop of plain pages: tells Parley what is looked at and bought, and lets visitors ask about a product.

import { card, find } from "./items.js";

let basket = 0;

/** Calls the widget, or its queue as long as the widget is not there. @param {any[]} given */
const parley = (...given) => /** @type {any} */ (window).Parley(...given);

/** @param {import("./items.js").Item} item */
function ask(item) {
  parley("context", { item_id: item.id, title: item.title, url: location.href });
  parley("send", "More like this one");
}

/** @param {import("./items.js").Item} item */
function buy(item) {
  const shown = document.getElementById("basket");
  if (shown) shown.textContent = `Basket: ${(basket += 1)}`;
  parley("track", { kind: "cart", item_id: item.id });
}

const items = await find("");
document.getElementById("items")?.append(...items.map((item) => card(item, { "Add to basket": () => buy(item), "More like it": () => ask(item) })));
document.getElementById("ask")?.addEventListener("click", () => parley("send", "A light tent for two"));
