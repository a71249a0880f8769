element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) trigger("click", { text: button.textContent });
});
