// Keeps an open status page up to date: by events, or by asking again where those do not come.
const page = document.querySelector("[data-live]");
const { live, next, waiting, liveWord, well, nothing } = page.dataset;
const EVERY = 15;
let events, left = EVERY, asked = 0;

const main = document.getElementById("page");
const say = (text) => (document.getElementById("next").textContent = text ? ` · ${text}` : "");

/** Puts new content in place; what was opened stays open, and the focus where it was. */
function put(content, stamp) {
  const open = [...main.querySelectorAll("details[open]")].map((d) => d.id || d.className);
  const at = document.activeElement?.dataset?.days;
  if (content) main.innerHTML = content;
  for (const d of main.querySelectorAll("details")) d.open = open.includes(d.id || d.className);
  if (stamp) document.querySelector(".stamp").innerHTML = stamp;
  bars();
  if (at) main.querySelector(`[data-days="${at}"]`)?.focus();
}

function listen() {
  events = new EventSource(live);
  events.addEventListener("page", (event) => {
    const { content, stamp } = JSON.parse(event.data);
    put(content, stamp);
  });
  events.addEventListener("seen", (event) => {
    document.querySelector(".stamp").innerHTML = JSON.parse(event.data).stamp;
    say(liveWord);
  });
  events.onopen = () => say(liveWord);
  // The link may have been revoked: the page itself knows.
  events.addEventListener("ended", () => location.reload());
  events.onerror = () => {
    if (events.readyState === EventSource.CLOSED) events = undefined;
  };
}

/** Without events the page is asked for again. */
async function ask() {
  try {
    // Its reader was counted when they opened it.
    const headers = { accept: "text/html", "x-again": "1" };
    const answer = await fetch(location.href, { headers, signal: AbortSignal.timeout(10000) });
    if (answer.status === 404) return location.reload();
    if (!answer.ok) throw new Error(answer.status);
    const other = new DOMParser().parseFromString(await answer.text(), "text/html");
    put(other.getElementById("page").innerHTML, other.querySelector(".stamp").innerHTML);
    if (++asked % 4 === 0) listen();
  } catch {
    say(waiting);
  }
}

setInterval(() => {
  if (document.hidden || events?.readyState === EventSource.OPEN) return;
  if (--left > 0) return say(next.replace("{}", left));
  left = EVERY;
  ask();
}, 1000);

/** Arrow keys walk over the days of a line; the day is told below it. */
function bars() {
  for (const svg of main.querySelectorAll("svg[data-days]")) {
    const { days, last, marks } = svg.dataset;
    const end = marks.length - 1;
    const told = main.querySelector(`[data-of="${days}"]`);
    let day = end;
    const show = () => {
      const date = new Date(Date.parse(last) - (end - day) * 864e5);
      const row = document.querySelector(`#${days} time[datetime="${date.toISOString().slice(0, 10)}"]`)?.closest("tr");
      const name = date.toLocaleDateString(document.documentElement.lang, { timeZone: "UTC", month: "short", day: "numeric" });
      told.textContent = `${name}: ${row?.cells[1].textContent ?? (marks[day] === "-" ? nothing : well)}`;
    };
    const hide = () => (told.textContent = "");
    svg.tabIndex = 0;
    svg.onkeydown = (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, Home: -end, End: end }[event.key];
      if (!by) return;
      event.preventDefault();
      day = Math.min(end, Math.max(0, day + by));
      show();
    };
    svg.onpointermove = (event) => {
      const box = svg.getBoundingClientRect();
      day = Math.min(end, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * marks.length)));
      show();
    };
    svg.onfocus = show;
    svg.onblur = svg.onpointerleave = hide;
  }
}

bars();
listen();
