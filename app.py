"""Settings, parts, serve: `python app.py` is `python -m bot serve`."""

import sys

from bot.__main__ import main

if __name__ == "__main__":
    sys.argv.insert(1, "serve")
    main()
