// Builds elements; what is text stays text.

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * A new element with its properties (or, by names with a hyphen, attributes) and children.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [given]
 * @param {Child[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.includes("-")) made.setAttribute(name, String(value));
    else Object.assign(made, { [name]: value });
  }
  made.append(...children.filter((child) => child instanceof Node || typeof child === "string"));
  return made;
}

/**
 * A button that does something.
 * @param {string} text
 * @param {() => void} deed
 * @param {Record<string, unknown>} [given]
 */
export const button = (text, deed, given = {}) => make("button", { type: "button", textContent: text, onclick: deed, ...given });

/**
 * The element of the page called so.
 * @template {HTMLElement} E
 * @param {string} id
 * @param {new () => E} kind
 * @returns {E}
 */
export function part(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`the page has no ${kind.name} called ${id}`);
  return found;
}
