(script) => {
  if (!script) return [];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([script], { type: "text/yaml" }));
  link.download = "conversation.conv.yaml";
  link.click();
  URL.revokeObjectURL(link.href);
  return [];
}
