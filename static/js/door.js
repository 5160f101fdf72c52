// The list at the door. A tap shows at once, waits in the browser while the line is down, and goes out in its order.
// Each tap carries a key and its age: sent twice it counts once, and of two the later holds (events/check_in.py).
const door = document.querySelector("[data-door]");
const line = door.querySelector(".door__line");
const token = door.querySelector("[name=csrfmiddlewaretoken]").value;
const store = `asakai.door.${door.dataset.door}`;
const EVERY = 5000;
const PATIENCE = 10000;
let busy = false;
let memory = [];

function waiting() {
  try {
    return JSON.parse(localStorage.getItem(store) ?? "[]");
  } catch {
    return memory;
  }
}

function keep(taps) {
  memory = taps;
  try {
    if (taps.length) localStorage.setItem(store, JSON.stringify(taps));
    else localStorage.removeItem(store);
  } catch {
    // A browser that keeps nothing holds them as long as the page is open.
  }
}

function say(words) {
  const number = waiting().length;
  line.textContent = words ?? (number && !navigator.onLine ? line.dataset.waiting.replace("{n}", number) : "");
  line.classList.toggle("door__line--waiting", line.textContent !== "");
}

function clock(at) {
  return new Intl.DateTimeFormat("ja", { hour: "numeric", minute: "2-digit", timeZone: door.dataset.zone }).format(at);
}

function mark(row, since) {
  const button = row.querySelector("button");
  row.classList.toggle("roster__row--came", since !== "");
  button.name = since ? "gone" : "here";
  button.setAttribute("aria-pressed", String(since !== ""));
  const word = button.querySelector("[data-word]");
  word.textContent = since || word.dataset.word;
  const missing = door.querySelector(`[data-missing="${row.dataset.key}"]`);
  if (!missing) return;
  missing.hidden = since !== "";
  for (const box of missing.querySelectorAll("input")) box.disabled = since !== "";
  // As soon as somebody is marked, who is not is taken as absent until somebody says otherwise.
  if (since && !door.dataset.begun) {
    door.dataset.begun = "yes";
    for (const box of door.querySelectorAll("[name=absent]")) box.checked = true;
    missing.closest("details").open = true;
  }
}

function show(state) {
  if (state.closed) {
    say(line.dataset.closed);
    return;
  }
  const here = { ...state.here };
  const news = Object.keys(here).some((key) => key.startsWith("w") && !document.getElementById(key));
  for (const { fields, at } of waiting()) {
    if (fields.here) here[fields.here] = clock(at);
    if (fields.gone) delete here[fields.gone];
  }
  for (const row of door.querySelectorAll("[data-key]")) mark(row, here[row.dataset.key] ?? "");
  door.querySelector("[data-here]").textContent = Object.keys(here).length;
  if (news && !waiting().length && !typing()) location.reload();
}

function typing() {
  const field = document.activeElement;
  return field?.matches("input") && field.value !== "";
}

async function ask(url, body) {
  const answer = await fetch(url, {
    method: body ? "POST" : "GET",
    body,
    headers: { Accept: "application/json" },
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (answer.type === "opaqueredirect" || answer.status === 403) throw new Error("signed out");
  if (answer.status >= 500) throw new TypeError(answer.status);
  return answer.headers.get("Content-Type")?.startsWith("application/json") ? answer.json() : null;
}

async function send() {
  if (busy) return;
  busy = true;
  let words;
  try {
    for (let tap = waiting()[0]; tap; tap = waiting()[0]) {
      const age = Math.max(Date.now() - tap.at, 0);
      const body = new URLSearchParams({ ...tap.fields, tap: tap.tap, age, csrfmiddlewaretoken: token });
      const state = await ask(tap.url, body);
      keep(waiting().filter((other) => other.tap !== tap.tap));
      if (state) show(state);
      words = state?.error ?? words;
    }
    if (!words) show(await ask(door.dataset.marks));
  } catch (error) {
    // The line is down: the next look tries again.
    if (error.message === "signed out") words = line.dataset.signedOut;
    else if (waiting().length) words = line.dataset.waiting.replace("{n}", waiting().length);
  } finally {
    busy = false;
    if (words !== undefined || line.textContent !== line.dataset.closed) say(words);
  }
}

function tapped(event) {
  event.preventDefault();
  const form = event.target;
  const fields = Object.fromEntries(new FormData(form));
  if (event.submitter?.name) fields[event.submitter.name] = event.submitter.value;
  delete fields.csrfmiddlewaretoken;
  delete fields.tap;
  const at = Date.now();
  keep([...waiting(), { url: form.action, fields, tap: crypto.randomUUID(), at }]);
  const key = fields.here ?? fields.gone;
  if (key) mark(document.getElementById(key), fields.here ? clock(at) : "");
  else {
    const row = document.createElement("li");
    row.textContent = fields.name;
    form.parentElement.querySelector("[data-new]").append(row);
    form.reset();
    document.activeElement.blur();
  }
  door.querySelector("[data-here]").textContent = door.querySelectorAll(".roster__row--came").length;
  send();
}

function plain(text) {
  const kana = (letter) => String.fromCharCode(letter.charCodeAt(0) - 0x60);
  return text.normalize("NFKC").toLowerCase().replace(/[ァ-ヶ]/g, kana).replace(/\s/g, "");
}

function find(event) {
  const wanted = plain(event.target.value);
  for (const row of door.querySelectorAll("[data-find]")) row.hidden = !row.dataset.find.includes(wanted);
}

for (const form of door.querySelectorAll("[data-tap]")) form.addEventListener("submit", tapped);
const search = door.querySelector(".door__search");
search.addEventListener("submit", (event) => event.preventDefault());
search.querySelector("button").hidden = true;
search.querySelector("input").addEventListener("input", find);
addEventListener("online", send);
addEventListener("offline", () => say());
setInterval(send, EVERY);
send();
