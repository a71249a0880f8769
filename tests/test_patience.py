"""Clients that are slow on purpose: headers a byte at a time, bodies that never end, answers that nobody reads."""

import asyncio
import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn

from bot.api import bounded, patience
from bot.api.application import api
from bot.api.patience import HurriedProtocol, Impatient
from bot.api.sites import DEFAULT, Site

SECRET = b"a secret that only the tests know, 32 bytes and more"
SOON = 0.3  # seconds, instead of the real bounds
PATIENCE = 5


@contextmanager
def served(app):
    """The port of a real server in a thread."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=HurriedProtocol, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    deadline = time.monotonic() + PATIENCE
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listening.close()


def until_closed(client) -> bytes:
    """All that comes until the server closes; fails where it does not."""
    client.settimeout(PATIENCE)
    got = b""
    try:
        while piece := client.recv(65_536):
            got += piece
    except ConnectionResetError:
        pass
    return got


@pytest.fixture
def port(recommender, monkeypatch):
    monkeypatch.setattr(patience, "HEADER_SECONDS", SOON)
    monkeypatch.setattr(bounded, "BODY_SECONDS", SOON)
    with served(api({DEFAULT: recommender}, {DEFAULT: Site()}, SECRET)) as port:
        yield port


@pytest.mark.parametrize("sent", [b"", b"GET /api/v1/items HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_headers_that_never_end_are_not_waited_for(port, sent):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(sent)
        assert until_closed(client) == b""


def test_a_second_request_that_never_ends_is_not_waited_for(port):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET /api/v1/site HTTP/1.1\r\nHost: x\r\n\r\nGET /api/v1/site HTTP/1.1\r\nX-Slow: ")
        assert until_closed(client).count(b"200 OK") == 1


def test_a_body_that_never_ends_is_not_waited_for(port):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\nConnection: close\r\n\r\n{")
        assert b" 408 " in until_closed(client).splitlines()[0]


def test_quick_clients_are_answered_as_ever(port):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET /api/v1/site HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")
        time.sleep(2 * SOON)  # longer than headers may take, but none is being sent
        client.sendall(b"GET /api/v1/site HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"HTTP/1.1 200" in until_closed(client)


def test_an_answer_that_is_not_read_ends():
    stopped = threading.Event()

    async def endless(scope, receive, send):
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            while True:
                await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
                await asyncio.sleep(0)
        finally:
            stopped.set()

    with served(Impatient(endless, SOON)) as port, socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert stopped.wait(PATIENCE)
