// Items of the catalogue that Parley serves, as a shop would take them from its own.

/** @typedef {{id: string, title: string, description: string, facets: Record<string, any>}} Item */

/** The first items that hold the words. @param {string} words @returns {Promise<Item[]>} */
export async function find(words) {
  const answer = await fetch(`../api/v1/items?site=shop&limit=12&q=${encodeURIComponent(words)}`);
  return (await answer.json()).items;
}

/** A product in a list, with what can be done about it. @param {Item} item @param {Record<string, () => void>} deeds */
export function card(item, deeds) {
  const made = document.createElement("article");
  const title = document.createElement("h2");
  const about = document.createElement("p");
  title.textContent = item.title;
  about.textContent = item.facets.price ? `${item.facets.price} €` : "";
  made.append(title, about);
  for (const [name, deed] of Object.entries(deeds)) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.onclick = deed;
    made.append(button);
  }
  return made;
}
