// Counts on the page of the clock, and keeps the phone awake. Without this the page reads itself anew every 20 seconds.
const root = document.querySelector(".clock");
const items = [...root.querySelectorAll("[data-starts]")];
const minute = 60000;
const say = (words, n) => root.dataset[words].replace("{n}", n);

function tick() {
  const now = Date.now();
  const hands = new Date(now).toLocaleTimeString("en-GB", { hour: "numeric", minute: "2-digit", timeZone: root.dataset.zone });
  root.querySelector("[data-now]").textContent = hands.replace(/^0/, "");
  const current = items.find((item) => Date.parse(item.dataset.starts) <= now && now < Date.parse(item.dataset.ends));
  const left = root.querySelector("[data-left-now]");
  if (current && !current.classList.contains("clock__now")) location.reload();
  if (current) {
    const minutes = Math.ceil((Date.parse(current.dataset.ends) - now) / minute);
    left.textContent = say("left", minutes);
    left.classList.toggle("clock__left--soon", minutes <= 2);
  } else if (now >= Date.parse(root.dataset.ends)) {
    if (items.some((item) => item.classList.contains("clock__now"))) location.reload();
    const minutes = Math.floor((now - Date.parse(root.dataset.ends)) / minute);
    if (minutes) left.textContent = say("over", minutes);
  } else {
    const next = items.find((item) => Date.parse(item.dataset.starts) > now);
    const soon = next && Date.parse(next.dataset.starts) - now < 720 * minute;
    if (soon) left.textContent = say("until", Math.ceil((Date.parse(next.dataset.starts) - now) / minute));
  }
}

async function stayAwake() {
  try {
    if (document.visibilityState === "visible") await navigator.wakeLock?.request("screen");
  } catch {
    // A phone that saves its battery says no; the page works all the same.
  }
}

tick();
setInterval(tick, 1000);
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
