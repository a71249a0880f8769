"""The HTTP side: health, the starting page, visitors' cookies, security headers."""
