"""The HTTP side: health and the page that waits while Parley starts."""
