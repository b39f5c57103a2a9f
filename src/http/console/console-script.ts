/**
 * The console's one script: pages that watch something renew themselves, countdowns count, and rooms are a key away. Nothing depends on it. A renewal never takes
 * away what somebody types or has opened, and one that fails is said until the next succeeds.
 */
import { createHash } from "node:crypto";

export const CONSOLE_SCRIPT = `
(() => {
  "use strict";
  const every = Number(document.body.dataset.refresh || 0);
  const isBusy = () => {
    const at = document.activeElement;
    return document.querySelector("main details[open]") !== null || (at !== null && at.closest("main form") !== null && at.tagName !== "BUTTON");
  };
  const renew = async () => {
    if (document.hidden || isBusy()) return;
    const answer = await fetch(location.href, { headers: { accept: "text/html", "x-renewal": "1" } });
    if (!answer.ok || answer.redirected) return location.reload();
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (isBusy()) return;
    const back = placeOf(document.activeElement);
    for (const part of ["main", "nav"]) document.querySelector(part).replaceChildren(...next.querySelector(part).childNodes);
    document.title = next.title;
    back();
    showRoom();
  };
  const stops = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const placeOf = (at) => {
    const home = at && at.matches(stops) ? at.closest("main [id], main, nav") : null;
    if (!home) return () => {};
    const { id, localName } = home;
    const name = (each) => each.localName + (each.getAttribute("href") || each.value || "") + each.textContent;
    const [same, index] = [name(at), [...home.querySelectorAll(stops)].indexOf(at)];
    return () => {
      const now = (id && document.getElementById(id)) || document.querySelector(localName === "nav" ? "nav" : "main");
      const all = now.matches(stops) ? [now] : [...now.querySelectorAll(stops)];
      (all.find((each) => name(each) === same) || all[Math.min(index, all.length - 1)])?.focus({ preventScroll: true });
    };
  };
  const showRoom = () => {
    const [list, here] = [document.querySelector("nav ul"), document.querySelector("nav [aria-current]")];
    if (list && here) list.scrollLeft = here.offsetLeft + here.offsetWidth / 2 - list.offsetLeft - list.clientWidth / 2;
  };
  showRoom();
  const late = () => {
    if (document.getElementById("late")) return;
    const said = document.createElement("p");
    Object.assign(said, { id: "late", className: "notice warn", role: "status", textContent: "No connection: what this page shows may be old. It goes on trying." });
    document.querySelector("main").prepend(said);
  };
  const keepNew = () => renew().catch(late);
  if (every > 0) setInterval(keepNew, every * 1000);
  setInterval(() => {
    for (const each of document.querySelectorAll("[data-seconds]")) {
      const left = Math.max(0, Number(each.dataset.seconds) - 1);
      each.dataset.seconds = String(left);
      each.textContent = each.dataset.as === "clock" ? Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0") : String(left);
      if (left === 0) setTimeout(keepNew, 1200);
    }
  }, 1000);
  let typing = 0;
  const look = async (form) => {
    const now = ++typing;
    const body = new URLSearchParams(new FormData(form));
    body.set("step", "look");
    const answer = await fetch(form.action, { method: "POST", body });
    if (now !== typing || answer.redirected || (!answer.ok && answer.status !== 422)) return;
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#preview");
    if (next && now === typing && answer.ok) document.querySelector("#preview").replaceWith(next);
    document.querySelector("#preview").classList.toggle("stale", !answer.ok);
  };
  for (const form of document.querySelectorAll("form.live")) {
    let waits = 0;
    form.addEventListener("input", () => {
      document.querySelector("#preview").classList.add("stale");
      clearTimeout(waits);
      waits = setTimeout(() => form.checkValidity() && look(form).catch(() => {}), 700);
    });
  }
  const keys = { t: "today", a: "alerts", r: "replies", k: "tasks", p: "patients", n: "series", o: "outcomes", w: "wording", d: "days", q: "ops" };
  let led = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    if (event.key === "/") {
      const search = document.querySelector("input[type=search]");
      if (search) { event.preventDefault(); search.focus(); }
    }
    if (led) document.querySelector('nav a[href$="/' + keys[event.key] + '"]')?.click();
    led = event.key === "g";
  });
})();
`.trim();

/** Where it is served, below the public address. */
export const CONSOLE_SCRIPT_PATH = `/assets/console.${createHash("sha256").update(CONSOLE_SCRIPT).digest("hex").slice(0, 16)}.js`;
