// Times are told in the zone of whoever looks at them.
// Hooks: time[datetime][data-moment="time" or "day"]

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
};

for (const place of document.querySelectorAll("[data-moment]")) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, STYLES[place.dataset.moment]);
  place.textContent = format.format(new Date(place.dateTime));
}
