/** The script of the demo's page. It asks for the state once a second, more often while the clock moves, and writes texts as text, never as HTML. */
import { createHash } from "node:crypto";

export const DEMO_SCRIPT = `
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const panes = document.querySelector(".demo-panes");
  const el = (tag, fields = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), fields);
    node.append(...children);
    return node;
  };
  let who = null;
  let state = null;
  let letter = null;
  let opened = null;
  let seen = { texts: "", mails: "", people: "" };

  const say = (fault) => { $("fault").textContent = fault || ""; $("fault").hidden = !fault; };
  const post = async (path, body) => {
    const answer = await fetch("/demo/" + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const { fault } = await answer.json();
    say(fault);
    await renew();
    return !fault;
  };

  const showTab = (tab) => {
    panes.dataset.tab = tab;
    for (const each of document.querySelectorAll(".demo-tabs button")) {
      each.setAttribute("aria-pressed", String(each.dataset.tab === tab));
      if (each.dataset.tab === tab) each.classList.remove("has-news");
    }
  };
  const news = (tab) => { if (panes.dataset.tab !== tab) document.querySelector('.demo-tabs [data-tab="' + tab + '"]').classList.add("has-news"); };

  const visit = (address) => {
    const url = new URL(address, location.href);
    if (url.origin !== location.origin) return void window.open(url.href, "_blank", "noopener");
    $("visit").src = url.href;
    inBrowser(true);
    showTab("phone");
  };
  const inBrowser = (isOpen) => {
    $("visit").hidden = !isOpen;
    $("back").hidden = !isOpen;
    $("contact").hidden = isOpen;
    $("texts").hidden = isOpen;
    $("write").hidden = isOpen || !(state && state.who.writes);
    if (!isOpen) $("visit").removeAttribute("src");
  };

  const toBubble = ({ body, isMine }) => {
    const item = el("li", { className: isMine ? "mine" : "" });
    for (const part of body.split(/(https?:\\/\\/[^\\s]+)/)) {
      if (!part) continue;
      if (!/^https?:/.test(part)) { item.append(part); continue; }
      const link = el("button", { type: "button" }, "Open the link");
      link.title = part;
      link.addEventListener("click", () => visit(part));
      item.append(link);
    }
    return item;
  };
  const showTexts = ({ texts, who: person }) => {
    const key = person.key + texts.length;
    if (key === seen.texts) return;
    const isNew = seen.texts.startsWith(person.key) && texts.length > 0;
    seen.texts = key;
    let at = "";
    $("texts").replaceChildren(...texts.flatMap((text) => {
      const time = text.at === at ? [] : [el("li", { className: "time" }, text.at)];
      at = text.at;
      return [...time, toBubble(text)];
    }));
    if (texts.length === 0) $("texts").append(el("li", { className: "none" }, $("texts").dataset.none));
    $("texts").scrollTop = $("texts").scrollHeight;
    if (isNew) news("phone");
    $("write").hidden = !person.writes || !$("visit").hidden;
  };

  const openMail = (number) => {
    letter = number;
    $("letter").hidden = false;
    delete $("letter").dataset.ready;
    $("letter").src = "/demo/mails/" + number;
    seen.mails = "";
    setTimeout(renew, 300);
  };
  $("letter").addEventListener("load", () => {
    const inside = $("letter").contentDocument;
    for (const link of inside ? inside.querySelectorAll("a[href]") : []) {
      link.addEventListener("click", (event) => {
        if (!/^https?:/.test(link.href)) return;
        event.preventDefault();
        visit(link.href);
      });
    }
    if (inside && inside.URL.includes("/demo/mails/")) $("letter").dataset.ready = "yes";
  });
  const showMails = ({ mails, who: person }) => {
    const key = person.key + mails.map((each) => each.number + (each.isRead ? "r" : "u")).join() + letter;
    if (key === seen.mails) return;
    if (seen.mails.startsWith(person.key) && !seen.mails.startsWith(person.key + mails.map((each) => each.number).join())) news("mail");
    seen.mails = key;
    const isOwn = mails.some(({ number }) => number === letter);
    if (!isOwn) { letter = null; $("letter").hidden = true; }
    $("mailbox").textContent = mails.length === 0 ? "" : mails.filter(({ isRead }) => !isRead).length + " unread";
    $("mails").replaceChildren(...mails.toReversed().map(({ number, at, subject, isRead }) => {
      const button = el("button", { type: "button", className: isRead ? "" : "unread" }, el("span", {}, subject), el("span", { className: "at" }, at));
      if (number === letter) button.setAttribute("aria-current", "true");
      button.addEventListener("click", () => openMail(number));
      return el("li", {}, button);
    }));
    if (mails.length === 0) $("mails").append(el("li", { className: "none" }, $("mails").dataset.none));
  };

  const showPeople = ({ people, who: person }) => {
    const key = person.key + people.map((each) => each.key).join();
    if (key === seen.people) return;
    seen.people = key;
    $("who").replaceChildren(...people.map((each) => el("option", { value: each.key, selected: each.key === person.key }, each.name)));
  };

  const openStep = (id) => {
    opened = id;
    for (const each of document.querySelectorAll("[data-open]")) {
      const isOpen = each.dataset.open === id;
      each.setAttribute("aria-expanded", String(isOpen));
      each.nextElementSibling.hidden = !isOpen;
    }
  };
  const showTour = ({ tour }) => {
    const steps = [...document.querySelectorAll("[data-step]")];
    for (const step of steps) {
      const isDone = tour.done.includes(step.dataset.step);
      step.classList.toggle("is-done", isDone);
      step.querySelector("[data-state]").textContent = isDone ? "(done)" : "";
      step.querySelector("[data-next]").hidden = !isDone;
      step.querySelector(".tour-mark").textContent = isDone ? "\\u2713" : String(steps.indexOf(step) + 1);
    }
    const next = steps.find((step) => !step.classList.contains("is-done"));
    if (opened === null) openStep(next ? next.dataset.step : "safety");
    for (const each of document.querySelectorAll("[data-console=alert], [data-step=safety] [data-help]")) each.disabled = tour.alert !== "open";
    if (tour.alert === "open") news("console");
  };

  // What somebody types at the console, or has opened, is never taken away.
  const renewConsole = () => {
    const inside = $("console").contentDocument;
    const at = inside && inside.activeElement;
    if (!inside || inside.querySelector("main details[open]") || (at && at.closest("main form") && at.tagName !== "BUTTON")) return;
    inside.location.reload();
  };
  const openConsole = (path) => {
    $("console").hidden = false;
    $("weeks").hidden = true;
    $("console").src = "/demo/console" + (path ? "?to=" + path : "");
  };

  // Says where the message came that a step waited for, and leads there.
  let sought = null;
  const cameTo = (step, words, ...ways) => {
    const line = document.querySelector('[data-step="' + step + '"] [data-came]');
    line.replaceChildren(words, ...ways);
    line.hidden = false;
  };
  const showCame = (next) => {
    if (!sought || next.clock.isMoving || next.who.key !== next.people[0].key) return;
    const { step, texts, mails } = sought;
    const text = next.texts.findLast((each) => !each.isMine);
    const mail = next.mails.slice(mails).find((each) => each.at === next.clock.now);
    const hasMail = mail !== undefined;
    const hasText = next.texts.length > texts && text.at === next.clock.now;
    if (!hasMail && !hasText && next.clock.now === sought.now) return;
    sought = null;
    const way = (words, go) => {
      const button = el("button", { type: "button" }, words);
      button.addEventListener("click", go);
      return button;
    };
    const phone = hasText ? [way("Look at the phone", () => { inBrowser(false); showTab("phone"); $("texts").focus(); })] : [];
    const post = hasMail ? [way("Open the mail", () => { showTab("mail"); openMail(mail.number); })] : [];
    if (hasMail) return cameTo(step, (hasText ? "A text has come, and a mail: " : "A mail has come: ") + mail.subject + ".", ...phone, ...post);
    if (hasText) return cameTo(step, "A text has come.", ...phone);
    cameTo(step, $("mails").dataset.none.startsWith("No ") && $("texts").dataset.none.startsWith("No ") ? "Nothing has come here. June's page at the clinic says what was sent, and why something was not." : "It was sent, but not to this page.");
  };
  const seek = async (step) => {
    turnTo(state.people[0].key);
    await renew();
    const before = { step, texts: state.texts.length, mails: state.mails.length, now: state.clock.now };
    const answer = await fetch("/demo/seek", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ step }) });
    const { fault } = await answer.json();
    if (answer.ok && fault) { say(""); cameTo(step, fault + " Look at the phone and the mailbox."); return; }
    say(fault);
    sought = fault ? null : before;
    await renew();
  };

  const show = (next) => {
    if (next.phase === "weeks") { $("now").textContent = next.now; return; }
    const isNewMoment = state !== null && !next.clock.isMoving && (state.clock.isMoving || state.clock.now !== next.clock.now || JSON.stringify(state.waiting) !== JSON.stringify(next.waiting));
    if (isNewMoment) renewConsole();
    if (state === null) openConsole(new URL(document.body.dataset.console, location.href).searchParams.get("to"));
    state = next;
    who = next.who.key;
    $("now").textContent = next.clock.now;
    $("moving").hidden = !next.clock.isMoving;
    if (next.clock.fault) say("The clock stopped: " + next.clock.fault);
    for (const each of document.querySelectorAll("[data-wish], [data-seek]")) each.disabled = next.clock.isMoving && each.id !== "play";
    $("play").textContent = next.clock.isMoving ? "Pause" : "Play";
    showPeople(next);
    showTexts(next);
    showMails(next);
    showTour(next);
    showCame(next);
  };

  let asking = null;
  const renew = () => {
    asking ??= fetch("/demo/state" + (who ? "?who=" + encodeURIComponent(who) : ""))
      .then((answer) => answer.json())
      .then(show)
      .catch(() => say("The demo has ended, or does not answer."))
      .finally(() => { asking = null; });
    return asking;
  };
  const beat = async () => {
    if (!document.hidden) await renew();
    setTimeout(beat, state && state.clock.isMoving ? 350 : 1000);
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest("button");
    if (!target) return;
    const { wish, tab, open, show: pane, text, who: person, console: page } = target.dataset;
    const step = target.closest("[data-step]")?.dataset.step;
    if (wish) post("clock", { wish: wish === "play" && state?.clock.isMoving ? "pause" : wish, who: who ?? undefined });
    if (tab && target.closest(".demo-tabs")) showTab(tab);
    if (open) openStep(open);
    if (pane) { showTab(pane); (pane === "mail" ? $("mails") : $("texts")).focus(); }
    if (text && who) { inBrowser(false); showTab("phone"); post("texts", { who: state.people[0].key, body: text }); }
    if (person) { turnTo(person); showTab("phone"); }
    if (page && state) { openConsole(page === "alert" ? state.tour.alertPath : state.tour.patientPath); showTab("console"); }
    if ("seek" in target.dataset) seek(step).catch(() => say("The demo does not answer."));
    if ("help" in target.dataset) post("help", { step });
    if ("next" in target.dataset) target.closest("[data-step]").nextElementSibling?.querySelector(".tour-step").click();
    if (target.id === "back") inBrowser(false);
  });
  const turnTo = (key) => { if (who !== key) { who = key; inBrowser(false); renew(); } };
  $("who").addEventListener("change", () => { who = $("who").value; inBrowser(false); renew(); });
  $("write").addEventListener("submit", (event) => {
    event.preventDefault();
    const body = $("body").value.trim();
    if (body) post("texts", { who, body }).then((isSent) => { if (isSent) $("body").value = ""; });
  });
  beat();
})();
`.trim();

export const DEMO_SCRIPT_PATH = `/demo/page.${createHash("sha256").update(DEMO_SCRIPT).digest("hex").slice(0, 16)}.js`;
