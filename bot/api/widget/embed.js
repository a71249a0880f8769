// Puts the page together: the site's texts, the session, the conversation, the form, the panel, the page around.

import { Api, Problem, ask } from "./api.js";
import { button, part } from "./dom.js";
import { connect, framed } from "./host.js";
import { Known } from "./known.js";
import { Handed, own } from "./sessions.js";
import { paint, textsOf } from "./site.js";
import { Talk } from "./talk.js";
import { Visit } from "./visit.js";

/** @typedef {import("./site.js").Site} Site */
/** @typedef {import("./site.js").Texts} Texts */

const CHOICES = 4; // quick replies at a time
const query = new URLSearchParams(location.search);
const form = part("form", HTMLFormElement);
const box = part("message", HTMLTextAreaElement);
const talk = new Talk(part("talk", HTMLElement), part("status", HTMLElement));
const replies = part("replies", HTMLElement);
const modal = part("known", HTMLDialogElement);
document.documentElement.classList.toggle("framed", framed);

/** Ask for the site, again when the visitor wants it, then open the page. */
async function start() {
  try {
    open(await (await ask(`site?site=${encodeURIComponent(query.get("site") || "default")}`)).json());
  } catch (error) {
    talk.problem(error, textsOf(null), start);
  }
}

/** @param {Site} site */
function open(site) {
  const texts = textsOf(site);
  const sessions = framed ? new Handed((token) => tell("expired", token)) : own(site.name);
  const api = new Api(sessions);
  /** @type {import("./host.js").Tell} */
  let tell = () => undefined;
  const visit = new Visit({
    api, site, texts, talk, busy, tell: (name, detail) => tell(name, detail),
    offer: (slate, question) => {
      offer(choices(site, texts, slate, question), (message) => visit.say(message));
      replies.classList.toggle("starters", !slate && !question);
    },
  });
  const known = new Known(modal, api, site, texts, (erased) => {
    if (erased) visit.begin();
    else visit.refresh().catch((error) => visit.fail(error, () => visit.refresh()));
    if (erased) talk.status.textContent = texts("erased");
  });
  label(site, texts);
  listen(visit, known);
  if (sessions instanceof Handed) tell = connect(site.origins, hearing(visit, sessions, texts), (origin) => refuse(origin, texts));
  else visit.begin();
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !modal.open) tell("close");
  });
}

/** @param {Site} site @param {Texts} texts */
function label(site, texts) {
  document.title = part("title", HTMLElement).textContent = site.title;
  paint(site, query);
  box.placeholder = texts("placeholder");
  box.ariaLabel = texts("ask");
  part("send", HTMLButtonElement).ariaLabel = texts("send");
  part("stop", HTMLButtonElement).ariaLabel = texts("stop");
  const opener = part("known-open", HTMLButtonElement);
  opener.textContent = texts("known");
  opener.hidden = false;
}

/** @param {Visit} visit @param {Known} known */
function listen(visit, known) {
  form.onsubmit = (event) => {
    event.preventDefault();
    const message = box.value.trim();
    if (!message) return;
    box.value = "";
    visit.say(message);
  };
  box.onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  };
  part("stop", HTMLButtonElement).onclick = () => visit.stop();
  part("known-open", HTMLButtonElement).onclick = () => known.open();
}

/** What is done about what the page around says. @param {Visit} visit @param {Handed} sessions @param {Texts} texts @returns {import("./host.js").Hear} */
function hearing(visit, sessions, texts) {
  let session = "";
  /** @type {PromiseWithResolvers<void>} */
  const begun = Promise.withResolvers();
  let resumed = begun.promise;
  let seen = Promise.resolve();
  const resume = () => begun.resolve((resumed = visit.resume()));
  return (name, detail) => {
    if (name === "session") {
      sessions.take(detail);
      if (detail.session_id !== session) resume();
      session = detail.session_id;
    } else if (name === "trouble") {
      sessions.fail(detail);
      if (!session) talk.problem(new Problem(detail.status, detail.detail), texts, resume);
    } else if (name === "send") Promise.all([resumed, seen]).then(() => visit.say(String(detail)));
    else if (name === "context") seen = seen.then(() => see(visit, detail || {}, texts));
    else if (name === "focus") box.focus();
  };
}

/** Take in what the page around shows; an item that the catalogue does not have is left out. @param {Visit} visit @param {any} seen @param {Texts} texts */
async function see(visit, { item_id, url, title }, texts) {
  const line = part("context", HTMLElement);
  const item = item_id ? await visit.item(String(item_id), 1) : null;
  visit.context = { ...(item && { item_id: item.id }), ...(url && { url: String(url).slice(0, 1000) }), ...(title && { title: String(title).slice(0, 1000) }) };
  line.textContent = item ? texts("about", item.title) : "";
  line.hidden = !item;
}

/** @param {string} origin @param {Texts} texts */
function refuse(origin, texts) {
  talk.greet(texts("refused", origin));
  form.hidden = true;
}

/** Short messages to go on with. @param {Site} site @param {Texts} texts @param {import("./cards.js").Slate | null} slate @param {{choices: string[]}} [question] */
function choices(site, texts, slate, question) {
  if (question) return question.choices.map((choice) => [choice[0].toUpperCase() + choice.slice(1), choice]);
  if (!slate?.items.length) return site.starters.map((starter) => [starter, starter]);
  const replies = Array.isArray(site.replies) ? site.replies.map((reply) => [reply, reply]) : Object.entries(site.replies);
  const more = texts("more", slate.items[0].title);
  return [...replies.slice(0, CHOICES - 1), [more, more]];
}

/** @param {string[][]} texts what is shown, what is sent @param {(message: string) => void} say */
function offer(texts, say) {
  replies.replaceChildren(...texts.map(([shown, sent]) => button(shown, () => say(sent))));
}

/** Show whether an answer is on its way. @param {boolean} state */
function busy(state) {
  part("stop", HTMLButtonElement).hidden = !state;
  part("send", HTMLButtonElement).hidden = state;
}

start();
