// Shows the payoff line, and confetti over the page once. `confetti` is the vendored module above this text.

const COLOURS = ["#7a5af8", "#12b76a", "#f79009", "#ee46bc", "#2e90fa"];

function render({ model, el }) {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const banner = document.createElement("div");
  banner.className = "oc-banner";
  banner.setAttribute("role", "status");
  const symbol = document.createElement("span");
  symbol.setAttribute("aria-hidden", "true");
  symbol.textContent = "🎉 ";
  const words = document.createElement("span");
  words.textContent = model.get("payoff");
  banner.append(symbol, words);
  el.append(banner);

  // A page that is loaded again shows the banner only: the party was then.
  if (still || model.get("has_fired")) return;
  model.set("has_fired", true);
  model.save_changes();

  const canvas = document.createElement("canvas");
  canvas.className = "oc-confetti";
  canvas.setAttribute("aria-hidden", "true");
  document.body.append(canvas);
  const fire = confetti.create(canvas, { resize: true, disableForReducedMotion: true });
  const shots = [
    { angle: 60, origin: { x: 0, y: 0.75 } },
    { angle: 120, origin: { x: 1, y: 0.75 } },
    { angle: 90, origin: { x: 0.5, y: 0.7 } },
  ].map((shot) => fire({ particleCount: 90, spread: 70, startVelocity: 55, colors: COLOURS, ...shot }));
  const clear = () => { fire.reset(); canvas.remove(); };
  Promise.all(shots).then(clear);
  return clear;
}

export default { render };
