"use strict";
// Keeps the list of latest cases fresh. All words come from the server and are shown as text, never as markup.

const POLL_MS = 2000;
const list = document.getElementById("cases");
const empty = document.getElementById("empty");
const news = document.getElementById("news");
const connection = document.getElementById("connection");
const blank = document.getElementById("case").content.firstElementChild;
const language = document.documentElement.lang;

const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
const known = new Map();
let tag = "";
let serverAheadMs = 0;

function amount(value, unit, digits) {
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(value);
}

function relative(at) {
  const seconds = Math.min(0, (at - Date.now() - serverAheadMs) / 1000);
  const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const [unit, length] = units.find(([, each]) => -seconds >= each) || ["second", 1];
  return ago.format(Math.trunc(seconds / length), unit);
}

function elapsed(from, to) {
  const seconds = (to - from) / 1000;
  if (seconds < 10) return "+" + amount(seconds, "second", 2);
  if (seconds < 60) return "+" + amount(seconds, "second", 0);
  if (seconds < 3600) return "+" + amount(seconds / 60, "minute", 0);
  if (seconds < 86400) return "+" + amount(seconds / 3600, "hour", 1);
  return "+" + amount(seconds / 86400, "day", 1);
}

function tellTimes(card) {
  let opened;
  for (const time of card.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    opened ??= at;
    time.textContent = at === opened ? relative(at) : elapsed(opened, at);
    time.title = moment.format(at);
  }
}

function cardOf(item) {
  const card = blank.cloneNode(true);
  const badge = card.querySelector(".badge");
  badge.dataset.status = item.status;
  badge.textContent = item.status_name;
  card.querySelector(".category").textContent = item.category_name;
  card.querySelector(".number").textContent = item.number;
  card.querySelector(".late").hidden = !item.is_overdue;
  card.querySelector(".where").textContent = item.areas.join(" › ") || list.dataset.nowhere;
  for (const step of card.querySelectorAll("[data-step]")) {
    const at = item[step.dataset.step];
    if (at) {
      step.classList.add("done");
      step.querySelector("time").dateTime = at;
    }
  }
  return card;
}

function show(items) {
  const changed = tag ? items.filter((item) => known.get(item.number) !== item.status) : [];
  const cards = items.map((item) => {
    const card = cardOf(item);
    card.classList.toggle("fresh", changed.includes(item));
    known.set(item.number, item.status);
    return card;
  });
  list.replaceChildren(...cards);
  empty.hidden = items.length > 0;
  if (changed.length) news.textContent = changed.map((item) => `${item.number} ${item.status_name}`).join(", ");
}

function tell(isLive) {
  connection.hidden = false;
  connection.classList.toggle("lost", !isLive);
  connection.textContent = isLive ? connection.dataset.live : connection.dataset.lost;
}

async function look() {
  const answer = await fetch(list.dataset.source, {
    headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store", signal: AbortSignal.timeout(5 * POLL_MS),
  });
  if (answer.status !== 200 && answer.status !== 304) throw new Error(String(answer.status));
  serverAheadMs = new Date(answer.headers.get("Date") || Date.now()) - Date.now();
  if (answer.status === 200) {
    show((await answer.json()).items);
    tag = answer.headers.get("ETag") || "";
  }
}

async function keepFresh() {
  if (!document.hidden) {
    try {
      await look();
      tell(true);
    } catch {
      tell(false);
    }
    list.querySelectorAll(".case").forEach(tellTimes);
  }
  setTimeout(keepFresh, POLL_MS);
}

list.querySelectorAll(".case").forEach(tellTimes);
keepFresh();
