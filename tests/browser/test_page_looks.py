"""How the page looks and is used: contrast in light and dark, a narrow screen, the keyboard alone."""

import pytest

pytestmark = pytest.mark.browser

TEXTS = (
    ".parley-head h1, .parley-head p, .parley-card h3, .parley-card h3 span, .parley-card dt, .parley-card dd, "
    ".parley-card p, .parley-card summary, .parley-card li, .parley-card text, .parley-profile li, .parley-profile small, "
    ".parley-note, [data-testid=user] span, [data-testid=bot] span, button"
)
# The lowest contrast (WCAG 2) of each kind of visible text against what is painted behind it.
CONTRAST = """(texts) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const paint = (colours) => {
    canvas.fillStyle = "#fff"; canvas.fillRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => rgb.map((x) => x / 255).map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4))
    .reduce((sum, x, at) => sum + x * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    const colours = [];
    for (let at = element; at; at = at.parentElement) colours.unshift(getComputedStyle(at).backgroundColor);
    return colours;
  };
  const lowest = {};
  for (const element of document.querySelectorAll(texts)) {
    const style = getComputedStyle(element);
    if (!element.textContent.trim() || !element.getClientRects().length || style.visibility === "hidden") continue;
    const cover = element.closest("svg.parley-cover");
    const ground = cover ? [getComputedStyle(cover.querySelector("rect")).fill] : behind(element);
    const ink = cover ? style.fill : style.color;
    const [one, two] = [light(paint(ground)), light(paint([...ground, ink]))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    const name = `${element.tagName.toLowerCase()} ${element.className.baseVal ?? element.className}`.trim()
      + (element.tagName === "BUTTON" ? ` “${element.textContent.trim()}”` : "");
    lowest[name] = Math.min(lowest[name] ?? 99, Number(ratio.toFixed(2)));
  }
  return lowest;
}"""
FOCUS = "(document.activeElement.dataset.kind || document.activeElement.tagName).toLowerCase()"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(visit, scheme):
    visitor = visit(color_scheme=scheme)
    empty = visitor.page.evaluate(CONTRAST, TEXTS)
    visitor.say("a funny heist, no horror")
    visitor.press(visitor.cards[0], "Like")
    for closed in visitor.page.locator(".parley-card summary").all():
        closed.click()
    visitor.page.wait_for_timeout(500)
    found = {**visitor.page.evaluate(CONTRAST, TEXTS), **{f"at first: {name}": ratio for name, ratio in empty.items()}}
    assert len(found) > 20
    assert {name: ratio for name, ratio in found.items() if ratio < 4.5} == {}
    ground = visitor.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(int(part) for part in ground.strip("rgba()").split(",")[:3]) < 380) == (scheme == "dark")


def test_a_narrow_screen_needs_no_sideways_scrolling(visit):
    visitor = visit(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    send = visitor.page.get_by_role("button", name="Send")

    def fits():
        box = send.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert box["y"] >= 0 and box["y"] + box["height"] <= 844
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390

    fits()
    visitor.say("a funny heist and a hundred other things that make this message rather longer than the screen is wide")
    visitor.page.evaluate("scrollTo(0, 0)")
    fits()
    wide = visitor.page.eval_on_selector_all(
        ".parley-card, .parley-card *, .parley-replies button, .parley-profile li",
        "all => all.filter((e) => e.getBoundingClientRect().right > 391).map((e) => e.outerHTML)",
    )
    assert wide == []
    assert (
        visitor.page.locator(".parley-card").first.bounding_box()["y"]
        < visitor.page.locator("#parley-known").bounding_box()["y"]
    )


def tab_to(visitor, what, most=80):
    for _ in range(most):
        if visitor.page.evaluate(FOCUS) == what:
            return
        visitor.page.keyboard.press("Tab")
    raise AssertionError(f"{most} times Tab did not reach {what!r}")


def test_the_keyboard_alone_is_enough(visitor):
    visitor.page.evaluate("document.activeElement.blur()")
    tab_to(visitor, "textarea")
    with visitor.answer():
        visitor.page.keyboard.type("a funny heist")
        visitor.page.keyboard.press("Enter")
    first = visitor.cards[0]
    tab_to(visitor, "like")
    ring = visitor.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring != "none"
    with visitor.answer():
        visitor.page.keyboard.press("Enter")
    assert visitor.rows("events", "item, kind") == [(first, "like")]
    assert visitor.button(first, "Like").get_attribute("aria-pressed") == "true"
    tab_to(visitor, "summary")
    visitor.page.keyboard.press("Enter")
    assert visitor.page.locator(".parley-card details[open]").count() == 1


def test_the_page_has_one_heading_of_the_first_rank_and_names_for_its_controls(visitor):
    visitor.say("a funny heist")
    page = visitor.page
    assert page.locator("h1").all_text_contents() == ["Parley"]
    assert page.get_by_label("Your message").count() >= 1
    nameless = page.eval_on_selector_all(
        "button", "all => all.filter((b) => !b.textContent.trim() && !b.ariaLabel && !b.title).map((b) => b.outerHTML)"
    )
    assert nameless == []
    assert page.locator("html").get_attribute("lang")
