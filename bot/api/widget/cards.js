// The cards of a slate.

import { button, make } from "./dom.js";

/** @typedef {{id: string, title: string, rank: number, reasons: string[], facets: Record<string, unknown>}} Item */
/** @typedef {{id: string, items: Item[]}} Slate */
/** @typedef {"like" | "dislike" | "not_now" | "consumed"} Kind */
/** @typedef {{kind: Kind, item_id: string, slate_id: string, position: number}} Feedback */
/** @typedef {(feedback: Feedback) => void} React */
/** @typedef {import("./site.js").Site} Site */
/** @typedef {import("./site.js").Texts} Texts */
/** @typedef {{site: Site, texts: Texts, liked: Set<string>, react: React}} Looks what cards need to know beside their slate */

const VALUES = 3; // of one facet
const SVG = "http://www.w3.org/2000/svg";
/** @type {Kind[]} */
const KINDS = ["like", "dislike", "not_now", "consumed"];

/** A slate as a list of cards. @param {Slate} slate @param {Looks} looks */
export function cards(slate, looks) {
  return make(
    "ol", { className: "cards", "data-slate": slate.id, "aria-label": looks.texts("cards"), tabIndex: -1 },
    ...slate.items.map((item) => card(item, slate.id, looks)),
  );
}

/** @param {Item} item @param {string} slateId @param {Looks} looks */
function card(item, slateId, { site, texts, liked, react }) {
  const facts = site.card.map((name) => fact(name, item.facets[name], site)).filter((one) => one !== null);
  const reasons = item.reasons.length > 0 && make(
    "details", {}, make("summary", { textContent: texts("why") }),
    make("ul", {}, ...item.reasons.map((reason) => make("li", { textContent: reason }))),
  );
  const deeds = KINDS.map((kind) => button(
    texts(kind), () => react({ kind, item_id: item.id, slate_id: slateId, position: item.rank }),
    { "data-kind": kind, ...(kind === "like" && { "aria-pressed": liked.has(item.id) }) },
  ));
  return make(
    "li", { className: "card", "data-item": item.id }, cover(item, site), site.pictures && photo(item, site),
    make(
      "div", { className: "body" }, make("h3", { textContent: item.title }),
      make("dl", {}, ...facts.map(({ label, text }) => make("div", {}, make("dt", { textContent: label }), make("dd", { textContent: text })))),
      reasons,
    ),
    make("div", { className: "deeds", role: "group", ariaLabel: item.title }, ...deeds),
  );
}

/** A facet of an item in words; null where the item has none. @param {string} name @param {unknown} value @param {Site} site */
function fact(name, value, site) {
  const { label, unit } = site.facets?.[name] || { label: name[0].toUpperCase() + name.slice(1).replaceAll("_", " "), unit: "" };
  const text = Array.isArray(value) ? value.slice(0, VALUES).join(", ") : number(value, name, unit);
  return text ? { label, text } : null;
}

/** @param {unknown} value @param {string} name @param {string} unit */
function number(value, name, unit) {
  if (typeof value !== "number") return typeof value === "string" ? value : "";
  return `${value.toLocaleString("en", { useGrouping: name !== "year" })} ${unit}`.trim();
}

/** A drawn cover: initials on the colour of the item's first kind. @param {Item} item @param {Site} site */
function cover(item, site) {
  const kinds = site.card.map((name) => item.facets[name]).find((value) => Array.isArray(value)) || [item.id];
  const hue = [...String(kinds[0])].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  const words = item.title.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const picture = document.createElementNS(SVG, "svg");
  picture.classList.add("cover");
  picture.setAttribute("viewBox", "0 0 64 64");
  picture.setAttribute("aria-hidden", "true");
  picture.append(drawn("rect", { width: 64, height: 64, rx: 12, fill: `hsl(${hue} 38% 36%)` }));
  picture.append(drawn("path", { d: "M0 64V50q32-16 64 0v14z", fill: `hsl(${hue} 42% 27%)` }));
  const initials = drawn("text", { x: 32, y: 39, "text-anchor": "middle", "font-size": 23, "font-weight": 650, fill: "#fff" });
  initials.textContent = words.slice(0, 2).map((word) => word[0]).join("").toUpperCase() || "?";
  picture.append(initials);
  return picture;
}

/** The item's own picture before its drawn cover, which stays where there is none. @param {Item} item @param {Site} site */
function photo(item, site) {
  const path = item.id.split("/").map(encodeURIComponent).join("/");
  const src = new URL(`../images/${path}?site=${encodeURIComponent(site.name)}`, import.meta.url).href;
  const shown = make("img", { className: "cover", alt: "", src, loading: "lazy" });
  shown.onerror = () => shown.remove();
  return shown;
}

/** @param {string} name @param {Record<string, string | number>} given */
function drawn(name, given) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(given)) made.setAttribute(attribute, String(value));
  return made;
}
