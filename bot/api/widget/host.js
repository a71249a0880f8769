// The page around this one: heard only from its own window and from an origin that the site allows.

/** @typedef {(name: string, detail: any) => void} Hear */
/** @typedef {(name: string, detail?: unknown) => void} Tell */

export const framed = window.parent !== window;

/**
 * Listen to the page around; returns what tells it something. Before it was heard, it is told only that this page is ready.
 * @param {string[]} origins
 * @param {Hear} hear
 * @param {(origin: string) => void} refuse
 * @returns {Tell}
 */
export function connect(origins, hear, refuse) {
  let origin = "";
  addEventListener("message", (event) => {
    if (event.source !== window.parent || !event.data?.parley) return;
    if (event.origin !== location.origin && !origins.includes(event.origin)) {
      refuse(event.origin);
      return;
    }
    origin = event.origin;
    hear(String(event.data.parley), event.data.detail);
  });
  window.parent.postMessage({ parley: "ready" }, "*"); // it says nothing, so anybody may read it
  return (name, detail) => {
    if (origin) window.parent.postMessage({ parley: name, detail }, origin);
  };
}
