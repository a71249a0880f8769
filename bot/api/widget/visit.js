// What a visitor does here: says something, reacts to a card, comes back. Ties the API to the conversation on the page.

import { Problem } from "./api.js";

/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./cards.js").Feedback} Feedback */
/** @typedef {import("./cards.js").Item} Item */
/** @typedef {import("./cards.js").Slate} Slate */
/** @typedef {import("./site.js").Site} Site */
/** @typedef {import("./site.js").Texts} Texts */
/** @typedef {import("./talk.js").Talk} Talk */
/** @typedef {{item_id?: string, url?: string, title?: string}} Context */
/** @typedef {{text: string, choices: string[]}} Question */
/** @typedef {(name: string, detail?: unknown) => void} Tell */

/** One visitor's conversation. `offer` shows quick replies, `busy` that an answer comes, `tell` reaches the page around. */
export class Visit {
  /**
   * @param {{api: Api, site: Site, texts: Texts, talk: Talk, tell: Tell, offer: (slate: Slate | null, question?: Question) => void,
   *   busy: (state: boolean) => void}} parts
   */
  constructor({ api, site, texts, talk, tell, offer, busy }) {
    this.api = api;
    this.talk = talk;
    this.texts = texts;
    this.tell = tell;
    this.offer = offer;
    this.busy = busy;
    /** @type {import("./cards.js").Looks} */
    this.looks = { site, texts, liked: new Set(), react: (feedback) => this.react(feedback) };
    this.greeting = site.greeting || texts("greeting");
    /** @type {Context} */
    this.context = {};
    /** @type {AbortController | null} */
    this.running = null;
  }

  /** An empty conversation. */
  begin() {
    this.stop();
    this.looks.liked.clear();
    this.talk.greet(this.greeting);
    this.offer(null);
  }

  /** Show the conversation as its session holds it. */
  async resume() {
    this.begin();
    try {
      const { session_id } = await this.api.sessions.current();
      this.retell(await this.api.json(`sessions/${encodeURIComponent(session_id)}`));
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return; // it was erased
      this.fail(error, () => this.resume());
    }
  }

  /** @param {{turns: {message: string, words: string}[], slate: Slate | null, liked: string[]}} told */
  retell({ turns, slate, liked }) {
    /** @type {import("./talk.js").Turn | undefined} */
    let last;
    for (const { message, words } of turns) {
      if (last && !message) continue; // a deed, after which other cards stood
      last = this.talk.begin(message, this.texts);
      if (words) last.say(words);
      last.end();
    }
    if (!last || !slate) return;
    for (const item of liked) this.looks.liked.add(item);
    this.talk.show(slate, this.looks, last);
    this.offer(slate);
    last.place.scrollIntoView({ block: "start" });
  }

  /** An item as it would stand on a slate; null where it is gone. @param {string} id @param {number} rank @returns {Promise<Item | null>} */
  async item(id, rank) {
    const found = await this.api.json(`items/${id.split("/").map(encodeURIComponent).join("/")}?site=${encodeURIComponent(this.looks.site.name)}`).catch(() => null);
    return found && { ...found, rank, reasons: [] };
  }

  /** Say something and show the answer as it comes. @param {string} message */
  async say(message) {
    this.stop();
    const mine = (this.running = new AbortController());
    const turn = this.talk.begin(message, this.texts);
    this.offer(null, { text: "", choices: [] });
    this.busy(true);
    turn.place.scrollIntoView({ block: "start" });
    try {
      await this.follow(turn, message, mine.signal);
    } catch (error) {
      if (mine.signal.aborted) turn.note(this.texts("stopped"));
      else this.fail(error, () => { turn.place.remove(); this.say(message); });
    } finally {
      turn.end();
      if (this.running === mine) {
        this.running = null;
        this.busy(false);
      }
    }
  }

  /** @param {import("./talk.js").Turn} turn @param {string} message @param {AbortSignal} signal */
  async follow(turn, message, signal) {
    const body = { message, context: this.context };
    let whole = false;
    for await (const { name, data } of this.api.stream("turns", { method: "POST", body, signal })) {
      if (signal.aborted) break;
      if (name === "slate") {
        this.talk.show(data, this.looks, turn);
        turn.place.scrollIntoView({ block: "start" }); // now there is room for it
        this.tell("slate", data);
      } else if (name === "words") turn.say(data.text);
      else if (name === "done") {
        whole = true;
        if (data.relaxed.length) turn.note(this.texts("relaxed", data.relaxed.join(", ")));
        this.offer(data.slate, data.question);
      } else if (name === "error") throw new Problem(data.status, data.detail);
    }
    if (!whole && !signal.aborted) throw new Problem(0, "the answer broke off");
  }

  /** Break off the answer that comes. */
  stop() {
    this.running?.abort();
  }

  /** Take a reaction to a card, then show what follows from it. @param {Feedback} feedback @param {string} [id] */
  async react(feedback, id = crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`) {
    if (feedback.kind === "like") this.looks.liked.add(feedback.item_id);
    else this.looks.liked.delete(feedback.item_id);
    try {
      const told = await this.api.json("events", { method: "POST", body: { event_id: id, ...feedback } });
      if (told.rejected.length) throw new Problem(422, told.rejected[0].why);
      this.tell("feedback", feedback);
      await this.refresh();
    } catch (error) {
      this.fail(error, () => this.react(feedback, id));
    }
  }

  /** The cards as the profile now wants them. */
  async refresh() {
    if (!this.talk.shown) return;
    const { slate } = await this.api.json("recommendations?log=true");
    this.talk.refresh(slate, this.looks);
    this.tell("slate", slate);
  }

  /** @param {unknown} error @param {() => void} retry */
  fail(error, retry) {
    this.talk.problem(error, this.texts, retry);
    const status = error instanceof Problem ? error.status : 0;
    this.tell("error", { status, detail: error instanceof Error ? error.message : String(error) });
  }
}
