"""Scripted conversation tests: the format of `*.conv.yaml`, what runs them, the pytest plugin and `parley test`."""
