"""Finding and ranking items: catalogue, candidate sources, fusion, ranking. Knows nothing of conversations, pages or models."""
