#!/usr/bin/env python3
"""A program that serves one device for a Nazorat gateway. Copy it and fill in what is marked FILL IN.

The contract is README.md beside this file. Python's standard library is enough. Nothing but messages may go to the standard
output; whatever you print for yourself goes to the standard error, and from there into the gateway's log.
"""

import json
import queue
import sys
import threading
import time


class Gateway:
    """The line to the gateway: messages in, messages out. Use it as it is."""

    # So many events may be told and not be acknowledged yet.
    AHEAD = 1000

    def __init__(self):
        self._inbox = queue.Queue()
        self._told = 0
        self._durable = 0
        self._spoke = time.monotonic()
        threading.Thread(target=self._listen, daemon=True).start()
        self.hello = self.next(timeout=30)
        if not self.hello or self.hello.get("type") != "hello" or self.hello.get("version") != 1:
            sys.exit("this program speaks version 1 with a Nazorat gateway")
        self.device = self.hello["device"]
        self.settings = self.hello["settings"]
        self.secret = self.hello.get("secret")
        self.cursor = self.hello.get("cursor")

    def _listen(self):
        for line in sys.stdin:
            self._inbox.put(json.loads(line))
        # The gateway is gone, or wants us to go.
        self._inbox.put({"type": "stop"})

    def say(self, message):
        """Sends a message."""
        sys.stdout.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n")
        sys.stdout.flush()
        self._spoke = time.monotonic()

    def next(self, timeout):
        """The next thing that the gateway wants, or None. Acknowledgements are counted, heartbeats are sent."""
        until = time.monotonic() + timeout
        while True:
            left = until - time.monotonic()
            try:
                message = self._inbox.get(timeout=max(0, min(left, 1)))
            except queue.Empty:
                message = None
            if hasattr(self, "hello") and time.monotonic() - self._spoke > self.hello["heartbeat_secs"] / 2:
                self.say({"type": "heartbeat"})
            if message is None and left <= 0:
                return None
            if message is None:
                continue
            if message["type"] == "ack":
                # Only now may the device forget these events.
                self._durable, self.cursor = message["events"], message["cursor"]
            elif message["type"] == "refused":
                print("the gateway refused an event:", message["detail"], file=sys.stderr)
            elif message["type"] == "stop":
                sys.exit(0)
            else:
                return message

    def event(self, event, cursor=None):
        """Tells an event. The cursor is where to go on when the gateway has kept it, and is handed back at the next start."""
        self.say({"type": "event", "event": event, "cursor": cursor})
        self._told += 1

    def may_tell(self):
        """Whether another event may be told before some are acknowledged."""
        return self._told - self._durable < self.AHEAD

    def done(self, request, **more):
        """What was asked is done."""
        self.say({"type": "result", "id": request["id"], **more})

    def refused(self, request, code, detail):
        """What was asked cannot be done; README.md lists the codes."""
        self.say({"type": "result", "id": request["id"], "error": {"code": code, "detail": detail}})

    def fail(self, code, detail):
        """Nothing goes on; the gateway says so on the page of the device, and starts the program again later."""
        self.say({"type": "failed", "code": code, "detail": detail})
        sys.exit(1)


class Device:
    """Your device. FILL IN each of these."""

    # FILL IN: what the device can do. Everything that is left out it cannot.
    CAPABILITIES = {"doors": 0, "people": False, "hold": False, "reboot": False, "set_clock": False}

    def __init__(self, settings, secret, cursor):
        """FILL IN: connect. `settings` are those that were typed for the device, all of them texts; `cursor` is the place
        behind the last event that the gateway has kept, or None at the first start."""
        self.settings, self.secret = settings, secret
        self.cursor = cursor or 0
        # How many events this template makes up; a real device has its own.
        self.count = int(settings.get("count", "0"))

    def identity(self):
        """FILL IN: who the device is."""
        return {"serial": "", "model": "template", "firmware": "1"}

    def poll(self):
        """FILL IN: the next event and the place behind it, or None if there is none just now. Do not wait long here."""
        if self.cursor >= self.count:
            return None
        self.cursor += 1
        event = {
            # What tells it from every other event of the device; leave it out if the device has nothing like it.
            "serial": f"demo-{self.cursor}",
            # RFC 3339; without an offset it is the wall clock of the organization. Or seconds since 1970.
            "ts": time.time(),
            "person": "1001",
            "credential": "card",
            "direction": "in",
            "outcome": "granted",
        }
        return event, self.cursor

    def execute(self, request):
        """FILL IN: do what is asked; raise an exception if it did not work. Never do it twice."""
        raise NotImplementedError("this device cannot do this")


def main():
    gateway = Gateway()
    try:
        device = Device(gateway.settings, gateway.secret, gateway.cursor)
    except (OSError, KeyError, ValueError) as problem:
        gateway.fail("unreachable", f"the device does not answer: {problem}")
    gateway.say({"type": "hello", "version": 1, "identity": device.identity(), "capabilities": device.CAPABILITIES})
    is_live = False
    while True:
        told = device.poll() if gateway.may_tell() else None
        if told:
            gateway.event(*told)
        elif not is_live and gateway.may_tell():
            # Everything that was missed is told; from now on it tells what happens.
            gateway.say({"type": "live"})
            is_live = True
        request = gateway.next(timeout=0 if told else 0.2)
        if request is None:
            continue
        if request["type"] == "probe":
            gateway.done(request)
        elif request["type"] == "execute":
            try:
                device.execute(request)
                gateway.done(request)
            except NotImplementedError as problem:
                gateway.refused(request, "unsupported", str(problem))
            except OSError as problem:
                gateway.refused(request, "unreachable", str(problem))
        elif "id" in request:
            gateway.refused(request, "unsupported", "this program does not know this request")


if __name__ == "__main__":
    main()
