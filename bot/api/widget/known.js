// The panel of what is known of the visitor: each thing with its evidence, to be weighed, forgotten, taken away; learning to be paused.

import { button, make } from "./dom.js";

/** @typedef {{text: string, why: string, target: string, ban: boolean, movable?: boolean}} Row */
/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./site.js").Site} Site */
/** @typedef {import("./site.js").Texts} Texts */

const SLIGHT = 0.1; // weights below it are not shown
const MOST = 8; // items and leanings; the strongest

/** Shows the profile in a dialog; `changed` is called after every correction, with true when everything is forgotten. */
export class Known {
  /** @param {HTMLDialogElement} dialog @param {Api} api @param {Site} site @param {Texts} texts @param {(erased: boolean) => void} changed */
  constructor(dialog, api, site, texts, changed) {
    this.dialog = dialog;
    this.api = api;
    this.site = site;
    this.texts = texts;
    this.changed = changed;
    this.list = make("ul", { className: "known" });
    this.told = make("p", { className: "problem", role: "alert", hidden: true });
    const yes = button(texts("erase_yes"), () => this.erase(), { className: "danger" });
    const no = button(texts("erase_no"), () => this.ask(false));
    this.sure = make("div", { className: "sure", hidden: true }, make("p", { textContent: texts("erase_sure") }), yes, no);
    this.all = button(texts("erase"), () => this.ask(true), { className: "erase" });
    this.learn = button(texts("learn"), () => this.correct(this.learn.ariaChecked === "true" ? "pause" : "resume"), { className: "learn", role: "switch" });
    this.paused = make("p", { className: "note", textContent: texts("paused"), hidden: true });
    const rights = make("div", { className: "rights" }, this.learn, button(texts("export"), () => this.export()), this.all);
    const close = button("×", () => this.dialog.close(), { className: "shut", ariaLabel: texts("known_close") });
    this.dialog.replaceChildren(make("h2", { id: "known-title", textContent: texts("known") }), close, this.told, this.paused, this.list, rights, this.sure);
  }

  async open() {
    this.dialog.showModal();
    this.sure.hidden = true;
    await this.tried(async () => this.fill(await this.api.json("profile")));
  }

  /** Ask whether everything shall be forgotten, or leave it. @param {boolean} asked */
  ask(asked) {
    this.sure.hidden = !asked;
    this.all.hidden = asked;
    (asked ? this.sure.querySelectorAll("button")[1] : this.all).focus();
  }

  /** @param {any} profile */
  fill(profile) {
    const rows = rowsOf(profile, this.site, this.texts);
    const empty = make("li", { className: "empty", textContent: this.texts("known_empty") });
    this.list.replaceChildren(...(rows.length ? rows.map((row) => this.row(row)) : [empty]));
    this.all.hidden = false;
    this.learn.ariaChecked = String(!profile.paused);
    this.paused.hidden = !profile.paused;
  }

  /** @param {Row} row */
  row({ text, why, target, ban, movable }) {
    /** @param {string} sign @param {"less" | "more" | "forget"} how @param {string} told */
    const set = (sign, how, told) => button(sign, () => this.correct(how, target), { ariaLabel: told, title: told, "data-how": how, "data-target": target });
    return make(
      "li", { className: ban ? "ban" : "" }, make("span", { textContent: text }), make("small", { textContent: why }),
      make(
        "div", { className: "set" }, movable && set("−", "less", this.texts("less_of", text)), movable && set("+", "more", this.texts("more_of", text)),
        set("×", "forget", this.texts("forget", text)),
      ),
    );
  }

  /** Set something right; the focus stays where it was, or goes to what is left. @param {string} how @param {string} [target] */
  correct(how, target = "") {
    return this.tried(async () => {
      this.fill(await this.api.json("profile", { method: "PATCH", body: { how, target } }));
      if (target) {
        const buttons = [...this.list.querySelectorAll("button")];
        (buttons.find(({ dataset }) => dataset.how === how && dataset.target === target) || buttons[0] || this.all).focus();
      }
      this.changed(false);
    });
  }

  /** Let the visitor keep everything that is held of them, as a file. */
  export() {
    return this.tried(async () => {
      const href = URL.createObjectURL(await (await this.api.answer("export")).blob());
      make("a", { href, download: "parley-export.json" }).click();
      setTimeout(() => URL.revokeObjectURL(href), 60_000); // once it has been written
    });
  }

  erase() {
    return this.tried(async () => {
      await this.api.json("profile", { method: "DELETE" });
      this.dialog.close();
      this.changed(true);
    });
  }

  /** Do something, or tell why it could not be done. @param {() => Promise<void>} deed */
  async tried(deed) {
    this.told.hidden = true;
    await deed().catch((error) => {
      this.told.textContent = error.status ? error.message : this.texts("offline");
      this.told.hidden = false;
    });
  }
}

/** A profile as rows. @param {any} profile @param {Site} site @param {Texts} texts @returns {Row[]} */
function rowsOf(profile, site, texts) {
  /** @param {any} one */
  const strong = (one) => Math.abs(one.weight) >= SLIGHT;
  /** @param {string} words */
  const said = (words) => texts("said", words);
  /** @param {any} one */
  const target = (one) => ({ target: one.target, ban: one.weight < 0, movable: !one.value.startsWith("$") });
  /** @type {any[]} */
  const preferences = profile.preferences.filter(strong);
  const named = new Set(preferences.map((one) => one.target));
  return [
    ...preferences.map((one) => ({ text: value(one, site, texts), why: one.evidence.map(said).join(", "), ...target(one) })),
    ...profile.conditions.map((/** @type {any} */ one) => ({ text: one.text, why: said(one.evidence), target: one.target, ban: false })),
    ...profile.items.slice(0, MOST).map((/** @type {any} */ one) => ({
      text: one.title, why: evidence(one, texts), target: one.target, ban: one.weight < 0,
    })),
    ...profile.leanings.filter(strong).filter((/** @type {any} */ one) => !named.has(one.target)).slice(0, MOST)
      .map((/** @type {any} */ one) => ({ text: value(one, site, texts), why: texts("shares"), ...target(one) })),
  ];
}

/** Why something is held of an item: the last words or the last deed. @param {any} item @param {Texts} texts */
function evidence({ because, weight }, texts) {
  const last = because.at(-1);
  if (last?.words) return texts("said", last.words);
  return texts(last?.deed === "like" ? "liked" : weight < 0 ? "disliked" : "met");
}

/** What is preferred, in words. @param {{facet: string, value: string}} preference @param {Site} site @param {Texts} texts */
function value(preference, site, texts) {
  if (!preference.value.startsWith("$")) return preference.value;
  const label = site.facets?.[preference.facet]?.label || preference.facet;
  return `${label}: ${texts(preference.value === "$high" ? "high" : "low")}`;
}
