#!/usr/bin/env python3
"""Serves a turnstile whose own program writes its passes into a file: CSV with a line of names, or a JSON object on each line.

Settings of the device, as they are typed on its page:

    file=/var/lib/turnstile/passes.csv, commands=/var/lib/turnstile/commands.txt

`file` is followed as it grows, also over being renamed at night (passes.csv becomes passes.csv.1 and a new one begins). The
columns are id, time, door, card, person, name, direction, result and reason; `time` is enough. A column `id` tells passes
apart; without it, two passes that are the same in everything are one. Where `commands` is set, "open DOOR" is written there,
and the program of the turnstile opens.

The place in the file is kept by the gateway, behind the last pass that is on its disk. Whatever ends in between, nothing is
lost and nothing is stored twice.
"""

import csv
import json
import os
import time

# The line to the gateway; both files lie in one folder.
from template import Gateway

# How much is read at once.
PIECE = 64 * 1024

# Names of columns, and what they are to Nazorat.
COLUMNS = {
    "id": "serial", "time": "ts", "door": "door", "card": "card", "person": "person", "name": "person_name",
    "direction": "direction", "result": "outcome", "reason": "reason",
}
RESULTS = {"ok": "granted", "yes": "granted", "no": "denied", "refused": "denied"}


class Follower:
    """A file that grows, line by line, from a place on."""

    def __init__(self, path, cursor):
        self.path = path
        self.inode = (cursor or {}).get("inode")
        self.offset = (cursor or {}).get("offset", 0)
        self.names = (cursor or {}).get("names")
        self.file = None
        self.buffer = b""

    def open(self):
        """Opens the file in which the place is, whatever it is called now; a new one from its beginning."""
        for path in [self.path, self.path + ".1"]:
            try:
                file = open(path, "rb")
            except FileNotFoundError:
                continue
            if self.inode in (None, os.fstat(file.fileno()).st_ino):
                self.begin(file, self.offset)
                return True
            file.close()
        try:
            self.begin(open(self.path, "rb"), 0)
        except FileNotFoundError:
            return False
        return True

    def begin(self, file, offset):
        status = os.fstat(file.fileno())
        self.inode = status.st_ino
        # One that is shorter than it was has begun anew.
        self.offset = offset if offset <= status.st_size else 0
        if self.offset == 0:
            self.names = None
        file.seek(self.offset)
        self.file, self.buffer = file, b""

    def has_moved(self):
        """Whether another file bears the name now, or this one was emptied."""
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            return False
        return status.st_ino != self.inode or status.st_size < self.offset

    def next(self):
        """The next whole line, or None. What has no end yet is not read."""
        if self.file is None and not self.open():
            return None
        while b"\n" not in self.buffer:
            piece = self.file.read(PIECE)
            if not piece:
                if not self.has_moved():
                    return None
                # The name may have changed while the last lines were written: look once more.
                piece = self.file.read(PIECE)
                if not piece:
                    self.file.close()
                    self.file, self.inode, self.offset = None, None, 0
                    if not self.open():
                        return None
                    continue
            self.buffer += piece
        line, self.buffer = self.buffer.split(b"\n", 1)
        self.offset += len(line) + 1
        return line.decode("utf-8", "replace").strip()

    def place(self):
        return {"inode": self.inode, "offset": self.offset, "names": self.names}


class Turnstile:
    def __init__(self, settings, cursor):
        self.log = Follower(settings["file"], cursor)
        self.commands = settings.get("commands")

    def poll(self):
        """The next pass and the place behind it. A line that is none has no event."""
        line = self.log.next()
        if line is None:
            return None
        return self.read(line), self.log.place()

    def read(self, line):
        if not line:
            return None
        if line.startswith("{"):
            columns = json.loads(line)
        else:
            cells = next(csv.reader([line]))
            if self.log.names is None:
                self.log.names = [cell.strip().lower() for cell in cells]
                return None
            columns = dict(zip(self.log.names, cells))
        event = {COLUMNS[name]: value for name, value in columns.items() if name in COLUMNS and value not in ("", None)}
        if "outcome" in event:
            word = str(event["outcome"]).lower()
            event["outcome"] = RESULTS.get(word, word)
        event.setdefault("credential", "card" if "card" in event else "unknown")
        return event

    def execute(self, request):
        if request["action"] != "open" or not self.commands:
            raise NotImplementedError("this turnstile only opens")
        with open(self.commands, "a", encoding="utf-8") as file:
            file.write(f"open {request['door']}\n")


def main():
    gateway = Gateway()
    if "file" not in gateway.settings:
        gateway.fail("settings", "name the file with the passes: file=/var/lib/turnstile/passes.csv")
    turnstile = Turnstile(gateway.settings, gateway.cursor)
    doors = gateway.device["doors"] if turnstile.commands else 0
    gateway.say({
        "type": "hello", "version": 1, "identity": {"model": "turnstile.py", "firmware": "1"},
        "capabilities": {"doors": doors},
    })
    is_live, missing_since = False, None
    while True:
        told = None
        if gateway.may_tell():
            try:
                told = turnstile.poll()
            except OSError as problem:
                gateway.fail("unreachable", f"the file cannot be read: {problem}")
            except (ValueError, csv.Error):
                gateway.say({"type": "missed", "detail": "a line of the file cannot be read"})
                continue
            if told and told[0]:
                gateway.event(*told)
            elif not told and not is_live and turnstile.log.file:
                gateway.say({"type": "live"})
                is_live = True
            elif not told and not turnstile.log.file:
                missing_since = missing_since or time.monotonic()
                if time.monotonic() - missing_since > 5:
                    gateway.fail("unreachable", f"there is no file {turnstile.log.path}")
        request = gateway.next(timeout=0 if told else 0.1)
        if request is None:
            continue
        if request["type"] == "probe":
            gateway.done(request)
        elif request["type"] == "execute":
            try:
                turnstile.execute(request)
                gateway.done(request)
            except NotImplementedError as problem:
                gateway.refused(request, "unsupported", str(problem))
            except OSError as problem:
                gateway.refused(request, "unreachable", str(problem))
        elif "id" in request:
            gateway.refused(request, "unsupported", "a turnstile keeps no people")


if __name__ == "__main__":
    main()
