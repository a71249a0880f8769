// The conversation on the page: what was said, words as they come, the newest slate's cards, what went wrong.

import { cards } from "./cards.js";
import { Problem } from "./api.js";
import { button, make } from "./dom.js";

/** @typedef {import("./cards.js").Looks} Looks */
/** @typedef {import("./cards.js").Slate} Slate */
/** @typedef {import("./site.js").Texts} Texts */

/** What shows the turns of a conversation, the newest last. */
export class Talk {
  /** @param {HTMLElement} place @param {HTMLElement} status read out when it changes */
  constructor(place, status) {
    this.place = place;
    this.status = status;
    /** @type {HTMLElement | null} */
    this.shown = null; // the cards that stand now
  }

  /** Begin anew with a greeting. @param {string} greeting */
  greet(greeting) {
    this.shown = null;
    this.place.replaceChildren(make("p", { className: "told", textContent: greeting }));
  }

  /** A new turn; its answer is waited for. @param {string} message @param {Texts} texts @returns {Turn} */
  begin(message, texts) {
    this.clear();
    const turn = new Turn(message, texts);
    this.place.append(turn.place);
    return turn;
  }

  /** Show a slate at the end of a turn; earlier cards stay within reach. @param {Slate} slate @param {Looks} looks @param {Turn} turn */
  show(slate, looks, turn) {
    const { texts, site } = looks;
    this.fold(texts, site.plural);
    this.shown = null;
    if (!slate.items.length) return;
    this.shown = cards(slate, looks);
    turn.place.append(this.shown);
    this.status.textContent = texts("shown", String(slate.items.length));
  }

  /** Cards in the place of those that stand, after a deed. @param {Slate} slate @param {Looks} looks */
  refresh(slate, looks) {
    const before = this.shown;
    if (!before) return;
    const at = [...before.querySelectorAll("button")].indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    this.shown = cards(slate, looks);
    before.replaceWith(this.shown);
    const buttons = this.shown.querySelectorAll("button");
    if (at >= 0) (buttons[at] || this.shown).focus({ preventScroll: true });
    this.status.textContent = looks.texts("noted");
  }

  /** Tell what went wrong, with a button to try again once that is worth it. @param {unknown} error @param {Texts} texts @param {() => void} retry */
  problem(error, texts, retry) {
    this.clear();
    const again = button(texts("retry"), () => { this.clear(); retry(); });
    const wait = error instanceof Problem ? error.retryAfter : 0;
    again.disabled = wait > 0;
    setTimeout(() => { again.disabled = false; }, wait * 1000);
    const told = make("div", { className: "problem", role: "alert" }, make("p", { textContent: wording(error, texts) }), again);
    this.place.append(told);
    told.scrollIntoView({ block: "nearest" });
  }

  /** Take away what was told to be wrong. */
  clear() {
    for (const told of this.place.querySelectorAll(".problem")) told.remove();
  }

  /** @param {Texts} texts @param {string} plural */
  fold(texts, plural) {
    const before = this.shown;
    if (!before) return;
    const folded = make("details", { className: "earlier" }, make("summary", { textContent: texts("earlier", `${before.children.length} ${plural}`) }));
    before.replaceWith(folded);
    folded.append(before);
  }
}

/** One turn: the message and the words of its answer. */
export class Turn {
  /** @param {string} message @param {Texts} texts */
  constructor(message, texts) {
    this.texts = texts;
    this.told = make("p", { className: "told waiting", ariaLive: "polite" });
    this.place = make("section", { className: "turn" }, make("p", { className: "said", textContent: message }), this.told);
  }

  /** One more piece of the answer. @param {string} text */
  say(text) {
    this.told.classList.remove("waiting");
    this.told.append(this.told.textContent ? ` ${text}` : text);
  }

  /** A remark beneath the words. @param {string} text */
  note(text) {
    this.told.after(make("p", { className: "note", textContent: text }));
  }

  /** Nothing more will be said. */
  end() {
    this.told.classList.remove("waiting");
    if (!this.told.textContent) this.told.remove();
  }
}

/** What went wrong, in plain words. @param {unknown} error @param {Texts} texts */
function wording(error, texts) {
  if (!(error instanceof Problem)) return texts("broken");
  if (error.status === 0) return texts("offline");
  if (error.status === 429 || error.status === 409) return texts("busy");
  return error.status >= 500 ? texts("broken") : error.message || texts("broken");
}
