// @ts-check
// The bubble: <script src="https://HOST/widget.js" data-site="shop" async></script>; /embed in a frame.
(() => {
  "use strict";
  /** @typedef {{session_id: string, token: string, expires_at: number, sub?: string}} Session */
  /** @typedef {{item_id: string, kind: string, value?: number, event_id?: string, timestamp?: number}} Deed */
  /** @typedef {{status: number, detail: string}} Trouble */

  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const given = script.dataset;
  const site = given.site || "default";
  const base = new URL(".", script.src);
  const key = `parley:${site}`;
  const BATCH = 50; // events in a request
  const SOON = 1000; // milliseconds until it

  // What is kept: in the page's storage, else in memory.
  /** @type {Record<string, string>} */
  const memory = {};

  /** @param {"localStorage" | "sessionStorage"} area @param {string} name @returns {any} */
  function read(area, name) {
    try {
      return JSON.parse(window[area].getItem(name) || "null");
    } catch {
      return JSON.parse(memory[name] || "null");
    }
  }

  /** @param {"localStorage" | "sessionStorage"} area @param {string} name @param {unknown} value */
  function write(area, name, value) {
    memory[name] = JSON.stringify(value);
    try {
      window[area].setItem(name, memory[name]);
    } catch {
      // in memory
    }
  }

  // Who is here.
  let jwt = "";
  /** @type {Session | undefined} */
  let known;
  /** @type {Promise<Session> | undefined} */
  let coming;

  /** Whom a site's token names, unchecked. @returns {string} */
  function subject() {
    try {
      return String(JSON.parse(atob(jwt.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).sub);
    } catch {
      return jwt;
    }
  }

  /** @param {string} path @param {string} token @param {unknown} body @returns {Promise<any>} */
  async function post(path, token, body) {
    /** @type {Record<string, string>} */
    const headers = { "Content-Type": "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    const url = new URL(`api/v1/${path}`, base);
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), credentials: "omit", keepalive: true });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw { status: answer.status, detail: told.detail || answer.statusText };
    return told;
  }

  /** @returns {Promise<Session>} */
  async function begin() {
    const sub = subject();
    const kept = /** @type {Session | null} */ (read("localStorage", key));
    if (kept && (kept.sub || "") === sub && kept.expires_at * 1000 > Date.now() + 60_000) return kept;
    const made = { ...(await post("sessions", jwt, { site })), sub };
    if (sub === subject()) write("localStorage", key, made);
    return made;
  }

  /** @returns {Promise<Session>} */
  function session() {
    const asked = (coming ??= begin());
    asked.then((found) => coming === asked && (known = found), () => coming === asked && (coming = undefined));
    return asked;
  }

  /** A session in place of one that has ended. @param {string} token */
  function renew(token) {
    if (read("localStorage", key)?.token === token) write("localStorage", key, null);
    if (known?.token === token) known = coming = undefined;
    return session();
  }

  /** @param {any} error @returns {Trouble} */
  const trouble = (error) => ({ status: error.status || 0, detail: error.detail || String(error) });

  // What the visitor does on the page.
  /** @type {Deed[]} */
  let deeds = read("sessionStorage", `${key}:events`) || [];
  let timer = 0;

  async function flush() {
    clearTimeout(timer);
    timer = 0;
    if (!deeds.length) return;
    /** @type {Deed[]} */
    let sent = [];
    try {
      let { token } = known || (await session());
      sent = deeds.splice(0, BATCH);
      const told = await post("events", token, sent).catch(async (error) => {
        if (error.status !== 401) throw error;
        return post("events", (await renew(token)).token, sent);
      });
      for (const { why } of told.rejected) emit("error", { status: 422, detail: why });
      if (deeds.length) await flush();
    } catch (error) {
      const { status } = trouble(error);
      if (!status || status === 429 || status > 499) deeds = sent.concat(deeds).slice(0, 500);
      emit("error", trouble(error));
    }
  }

  function leave() {
    flush();
    write("sessionStorage", `${key}:events`, deeds);
  }

  // The frame, heard and told at its own origin only.
  /** @type {HTMLIFrameElement | undefined} */
  let frame;
  let ready = false;
  /** @type {unknown} */
  let context;
  /** @type {[string, unknown][]} */
  const waiting = [];

  /** @param {string} parley @param {unknown} [detail] */
  function tell(parley, detail) {
    if (!ready) waiting.push([parley, detail]);
    else {
      if (parley === "focus") frame?.focus();
      frame?.contentWindow?.postMessage({ parley, detail }, base.origin);
    }
  }

  /** @param {Promise<Session>} asked */
  async function share(asked) {
    try {
      const { session_id, token } = await asked;
      tell("session", { session_id, token });
    } catch (error) {
      tell("trouble", trouble(error));
      emit("error", trouble(error));
    }
  }

  /** @param {MessageEvent} event */
  function hear(event) {
    if (event.origin !== base.origin || !frame || event.source !== frame.contentWindow) return;
    const { parley, detail } = event.data || {};
    if (parley === "ready") {
      ready = true;
      share(session());
      if (context) tell("context", context);
      for (const [name, more] of waiting.splice(0)) tell(name, more);
    } else if (parley === "expired") share(renew(detail));
    else if (parley === "close") close();
    else if (["slate", "feedback", "error"].includes(parley)) emit(parley, detail);
  }

  // What is seen.
  const CSS = `
:host{all:initial;color-scheme:light dark;--c:var(--parley-color,#0f766e);--o:var(--parley-on-color,#fff);--i:var(--parley-inset,20px);
--f:var(--parley-font,system-ui,sans-serif)}
[hidden]{display:none!important}
button{all:unset;box-sizing:border-box;cursor:pointer;display:flex;align-items:center;justify-content:center;gap:10px}
button:focus-visible{outline:3px solid var(--c);outline-offset:3px}
svg{width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
.bubble,.panel{position:fixed;z-index:var(--parley-z-index,2147483000);right:var(--i)}
.left{right:auto;left:var(--i)}
.bubble{bottom:var(--i);min-width:56px;height:56px;padding:0 15px;border-radius:28px;background:var(--c);color:var(--o);
font:600 15px/1 var(--f);box-shadow:0 6px 24px #0004;transition:transform .15s}
.bubble:hover{transform:translateY(-2px)}
.panel{bottom:calc(var(--i) + 70px);width:var(--parley-width,392px);height:min(var(--parley-height,640px),100dvh - var(--i) - 86px);
max-width:calc(100vw - 2*var(--i));border-radius:var(--parley-radius,18px);overflow:hidden;outline:0;
background:light-dark(#fff,#15191e);box-shadow:0 12px 48px #0005,0 0 0 1px light-dark(#0001,#fff2);animation:rise .18s}
iframe{border:0;width:100%;height:100%;display:block}
.x{position:absolute;top:8px;right:8px;width:40px;height:40px;border-radius:20px;color:light-dark(#3c4651,#d5dbe2)}
.x:hover{background:light-dark(#0001,#fff2)}
.x:focus-visible{outline-offset:-3px}
.x svg{width:20px;height:20px}
@keyframes rise{from{opacity:0;transform:translateY(10px)}}
@media(max-width:480px){.panel{inset:0;width:100%;max-width:none;height:100dvh;border-radius:0}
.bubble span,.bubble[aria-expanded=true]{display:none}}
@media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}`;

  const host = document.createElement("parley-widget");
  const root = host.attachShadow({ mode: "open" });
  const panel = document.createElement("div");
  const bubble = button("bubble", given.label || "Ask for a recommendation", "M4 5h16v11H10l-4 4v-4H4z M8 9h8 M8 12.5h5");
  const shut = button("x", given.close || "Close", "M5 5l14 14 M19 5L5 19");
  /** @type {HTMLElement} */
  let opener = bubble;

  const phone = matchMedia("(max-width:480px)");

  /** Where Tab turns round. @param {() => void} turn */
  function edge(turn) {
    const made = document.createElement("div");
    made.onfocus = turn;
    return made;
  }

  function hold() {
    panel.ariaModal = `${phone.matches}`;
    for (const each of panel.querySelectorAll("div")) each.tabIndex = phone.matches ? 0 : -1;
  }

  /** @param {string} name @param {string} label @param {string} path */
  function button(name, label, path) {
    const made = document.createElement("button");
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    made.type = "button";
    made.className = name;
    made.ariaLabel = label;
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.ariaHidden = "true";
    line.setAttribute("d", path);
    svg.append(line);
    made.append(svg);
    return made;
  }

  function build() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    if (given.color) host.style.setProperty("--parley-color", given.color);
    if (given.theme) host.style.colorScheme = given.theme;
    if (given.label) bubble.appendChild(document.createElement("span")).textContent = given.label;
    for (const each of [bubble, panel]) each.classList.toggle("left", given.position === "left");
    panel.classList.add("panel");
    Object.assign(panel, { id: "panel", hidden: true, tabIndex: -1, role: "dialog", ariaLabel: given.title || bubble.ariaLabel });
    bubble.ariaExpanded = "false";
    bubble.setAttribute("aria-controls", panel.id);
    bubble.onclick = () => (panel.hidden ? open() : close());
    shut.onclick = close;
    host.onkeydown = (event) => void (event.key === "Escape" && close());
    panel.append(edge(() => shut.focus()), shut, edge(() => tell("focus")));
    phone.onchange = hold;
    hold();
    root.append(bubble, panel);
    document.body.append(host);
  }

  function load() {
    const url = new URL("embed", base);
    const color = getComputedStyle(host).getPropertyValue("--parley-color").trim();
    for (const [name, value] of Object.entries({ site, color, theme: given.theme })) if (value) url.searchParams.set(name, value);
    frame = document.createElement("iframe");
    frame.title = panel.ariaLabel || "";
    frame.src = url.href;
    shut.before(frame);
  }

  /** @param {unknown} [quiet] the focus stays where it is */
  function open(quiet) {
    const at = /** @type {HTMLElement | null} */ (root.activeElement || document.activeElement);
    if (!frame) load();
    if (panel.hidden) {
      opener = at && at !== document.body ? at : bubble;
      panel.hidden = false;
      bubble.ariaExpanded = "true";
      write("sessionStorage", `${key}:open`, true);
      emit("open");
    }
    if (quiet === true) return;
    panel.focus();
    tell("focus");
  }

  function close() {
    if (panel.hidden) return;
    const within = root.activeElement;
    panel.hidden = true;
    bubble.ariaExpanded = "false";
    write("sessionStorage", `${key}:open`, false);
    if (within) (opener.isConnected ? opener : bubble).focus();
    emit("close");
  }

  // What the page may ask for, and what it is told.
  /** @type {Record<string, ((detail: any) => void)[]>} */
  const listeners = {};

  /** @param {string} name @param {unknown} [detail] */
  function emit(name, detail) {
    document.dispatchEvent(new CustomEvent(`parley:${name}`, { detail }));
    for (const listener of listeners[name] || []) listener(detail);
  }

  /** @type {Record<string, (...args: any[]) => void>} */
  const commands = {
    open: () => open(),
    close,
    send(/** @type {string} */ text) {
      open();
      tell("send", String(text));
    },
    identify(/** @type {string} */ token) {
      jwt = token || "";
      known = coming = undefined;
      if (ready) share(session());
    },
    context(/** @type {unknown} */ seen) {
      context = seen || {};
      if (ready) tell("context", context);
    },
    track(/** @type {Deed} */ { kind, item_id, value }) {
      const event_id = crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`; // no https, no randomUUID
      deeds.push({ event_id, kind, item_id, value, timestamp: Date.now() / 1000 });
      timer ||= setTimeout(flush, SOON);
    },
    on(/** @type {string} */ name, /** @type {(detail: any) => void} */ listener) {
      (listeners[name] ??= []).push(listener);
    },
  };

  /** @param {string} name @param {any[]} more */
  function call(name, ...more) {
    if (Object.hasOwn(commands, name)) commands[name](...more);
    else emit("error", { status: 0, detail: `Parley has no command ${name}` });
  }

  function start() {
    const page = /** @type {{Parley?: any}} */ (window);
    if (page.Parley?.here) return; // twice on the page
    build();
    const asked = page.Parley?.q || [];
    page.Parley = Object.assign(call, { here: true });
    addEventListener("message", hear);
    addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
    for (const each of asked) call(.../** @type {[string, ...any[]]} */ (Array.from(each)));
    if (deeds.length) flush();
    if (read("sessionStorage", `${key}:open`)) open(true);
  }

  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
