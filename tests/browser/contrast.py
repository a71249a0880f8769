"""Measures how well the texts of a page stand out from what is behind them (WCAG 2: at least 4.5 to 1)."""

MEASURE = """() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((one) => one / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = rgba(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.checkVisibility() && !one.disabled && !(one instanceof SVGElement))
    .filter((one) => one.placeholder || [...one.childNodes].some((child) => child instanceof Text && child.data.trim()))
    .map((one) => {
      const style = one.placeholder ? getComputedStyle(one, "::placeholder") : getComputedStyle(one);
      const name = `${one.tagName} ${one.className} ${one.textContent.slice(0, 30)}`;
      return [name, ratio(light(rgba(style.color)), light(behind(one)))];
    });
}"""


def faint(page) -> list:
    """The texts of a page that stand out too little, each with its contrast."""
    found = page.evaluate(MEASURE)
    assert len(found) > 10
    return [text for text in found if text[1] < 4.5]
