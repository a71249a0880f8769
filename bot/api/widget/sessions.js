// Where the visitor's session comes from: the page around this one or, opened by itself, the API. Nothing is stored here.

import { Problem, ask } from "./api.js";

/** @typedef {import("./api.js").Session} Session */
/** @typedef {import("./api.js").Sessions} Sessions */

/** Sessions of this page's own, kept as long as it stands. @param {string} site @returns {Sessions} */
export function own(site) {
  /** @type {Promise<Session> | undefined} */
  let coming;

  /** @returns {Promise<Session>} */
  async function begin() {
    try {
      return await (await ask("sessions", { method: "POST", body: { site } })).json();
    } catch (error) {
      coming = undefined;
      throw error;
    }
  }

  return { current: () => (coming ??= begin()), renew: () => (coming = begin()) };
}

/** Sessions that the page around hands in. */
export class Handed {
  /** @param {(token: string) => void} expired asks for another one */
  constructor(expired) {
    this.expired = expired;
    this.coming = /** @type {PromiseWithResolvers<Session>} */ (Promise.withResolvers());
    this.settled = false;
    this.failed = false;
  }

  current() {
    return this.failed ? this.renew("") : this.coming.promise;
  }

  /** @param {string} token */
  renew(token) {
    this.next();
    this.expired(token);
    return this.coming.promise;
  }

  /** @param {Session} session */
  take(session) {
    this.next().resolve(session);
    this.settled = true;
  }

  /** @param {{status: number, detail: string}} trouble */
  fail({ status, detail }) {
    this.next().reject(new Problem(status, detail));
    this.coming.promise.catch(() => undefined); // told to whoever asks
    this.settled = this.failed = true;
  }

  /** What comes next; whoever waits already gets it too. */
  next() {
    if (this.settled) this.coming = Promise.withResolvers();
    this.settled = this.failed = false;
    return this.coming;
  }
}
