"""Small adapters on the hosted model's weights, switched per call: their text, their training, the files that ship."""
