"""Plays a minute of a window watcher and an idle watcher with the real client library."""

import sys
from datetime import datetime, timedelta, timezone

from aw_client import ActivityWatchClient
from aw_core.models import Event

host, port = sys.argv[1], int(sys.argv[2])
client = ActivityWatchClient("aw-watcher-window", host=host, port=port)
client.client_hostname = "pc-1"
assert client.get_info()["version"].endswith("(nazorat)")

windows, idle = "aw-watcher-window_pc-1", "aw-watcher-afk_pc-1"
for bucket, kind in [(windows, "currentwindow"), (idle, "afkstatus")]:
    client.create_bucket(bucket, kind)
    client.create_bucket(bucket, kind)
assert client.get_buckets()[windows]["type"] == "currentwindow"

start = datetime.now(timezone.utc).replace(microsecond=123000) - timedelta(minutes=2)
merged = None
for second in range(60):
    app = "EXCEL.EXE" if second < 40 else "chrome.exe"
    event = Event(timestamp=start + timedelta(seconds=second), duration=0, data={"app": app, "title": "Hisobot"})
    merged = client.heartbeat(windows, event, pulsetime=2.0)
client.insert_event(idle, Event(timestamp=start, duration=60, data={"status": "not-afk"}))

events = client.get_events(windows)
assert [event.data["app"] for event in events] == ["chrome.exe", "EXCEL.EXE"], events
assert [event.duration.total_seconds() for event in events] == [19, 39], events
assert client.get_eventcount(windows) == 2
