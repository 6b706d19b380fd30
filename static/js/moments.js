// Times are told in the zone of whoever looks at them.
// Hooks: time[datetime][data-moment="time", "day" or "clock"]; what is put into the page later sends "moments".

const STYLES = {
  time: {
    year: "numeric",
    month: "long",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
  },
  day: { dateStyle: "long" },
  clock: { hour: "numeric", minute: "2-digit" },
};

function tell(within) {
  for (const place of within.querySelectorAll("[data-moment]")) {
    const format = new Intl.DateTimeFormat(document.documentElement.lang, STYLES[place.dataset.moment]);
    place.textContent = format.format(new Date(place.dateTime));
  }
}

tell(document);
document.addEventListener("moments", (event) => tell(event.target));
