// What the site says of itself: names, texts, colours. Every text of the page that is not an answer stands here.

/**
 * @typedef {object} Site
 * @property {string} name
 * @property {string} title
 * @property {string} noun
 * @property {string} plural
 * @property {string} greeting
 * @property {string[]} starters
 * @property {string[] | Record<string, string>} replies what is offered after an answer; as an object, what is shown: what is sent
 * @property {Record<string, string>} labels other words for TEXTS
 * @property {Record<string, string>} colours
 * @property {string[]} card the facets on a card
 * @property {Record<string, {label: string, unit: string}>} [facets] how they are called
 * @property {boolean} [pictures] whether items have pictures at /images/ID
 * @property {string[]} origins
 */

export const TEXTS = {
  about: "You are looking at {}.",
  ask: "Your message",
  broken: "Something went wrong on our side. Please try again.",
  busy: "Many people are asking right now. Please try again in a moment.",
  cards: "Recommendations",
  consumed: "Know it",
  dislike: "Not for me",
  disliked: "not for you",
  earlier: "Earlier: {}",
  erase: "Forget everything",
  erase_no: "Keep it",
  erase_sure: "Everything that is known of you here is erased, and cannot be had back.",
  erase_yes: "Yes, forget everything",
  erased: "Everything about you is forgotten.",
  export: "Download it all",
  forget: "Forget {}",
  greeting: "Hello! What are you looking for?",
  high: "rather high",
  known: "What I know of you",
  known_close: "Close",
  known_empty: "Nothing yet. It fills as you say and do things here.",
  learn: "Learn from what I say and do",
  less_of: "Less of {}",
  like: "Like",
  liked: "you liked it",
  low: "rather low",
  met: "you have met it",
  more: "More like {}",
  more_of: "More of {}",
  noted: "Noted.",
  not_now: "Not now",
  offline: "No answer. Please look whether you are online.",
  paused: "Learning is paused: what you say and do now counts in this conversation alone.",
  placeholder: "Something like …, but …",
  refused: "This chat is not meant for {}.",
  relaxed: "Nothing keeps every condition, so I let go of: {}",
  retry: "Try again",
  said: "you said “{}”",
  send: "Send",
  shown: "{} recommendations are shown.",
  shares: "from what you liked",
  stop: "Stop",
  stopped: "Stopped.",
  why: "Why this?",
};

/** @typedef {keyof typeof TEXTS} TextName */
/** @typedef {(name: TextName, value?: string) => string} Texts */

/** A site's texts: its own where it has them; {} stands for a value. @param {Site | null} site @returns {Texts} */
export function textsOf(site) {
  const own = { ...TEXTS, ...site?.labels };
  return (name, value = "") => own[name].replace("{}", () => value);
}

/** The colours of a site and of the address, as the page's variables. @param {Site} site @param {URLSearchParams} query */
export function paint(site, query) {
  const { style, dataset } = document.documentElement;
  const colours = { ...site.colours, ...(query.get("color") && { accent: query.get("color") }) };
  for (const [name, value] of Object.entries(colours)) {
    if (/^[a-z_-]+$/.test(name) && CSS.supports("color", String(value))) style.setProperty(`--${name.replaceAll("_", "-")}`, String(value));
  }
  dataset.theme = query.get("theme") || "auto";
}
