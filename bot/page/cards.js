element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-kind]");
  if (!button) return;
  const card = button.closest("article");
  card.querySelectorAll("button").forEach((each) => { each.disabled = true; });
  trigger("click", { kind: button.dataset.kind, item: card.dataset.item, position: Number(card.dataset.position), slate: props.value.slate });
});
