"""Plays a window watcher against the relay and tells how far it is, line by line.

`retry` asks again until a heartbeat is answered; `queue` leaves that to the client's own queue, as stock watchers do.
"""

import sys
import time
from datetime import datetime, timedelta, timezone

import requests
from aw_client import ActivityWatchClient
from aw_core.models import Event

mode, host, port, first, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
client = ActivityWatchClient("aw-watcher-window", host=host, port=port)
bucket = "aw-watcher-window_pc-1"
# Each window is in front for two seconds; a heartbeat in each of them, and one at the end.
start = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(hours=1) + timedelta(seconds=3 * first)


def send(event):
    if mode == "queue":
        client.heartbeat(bucket, event, pulsetime=2.0, queued=True, commit_interval=60)
        return
    while True:
        try:
            client.heartbeat(bucket, event, pulsetime=2.0)
            return
        except requests.RequestException:
            time.sleep(0.02)


if mode == "queue":
    client.create_bucket(bucket, "currentwindow", queued=True)
    client.connect()
else:
    client.create_bucket(bucket, "currentwindow")
for window in range(first, first + count):
    for second in range(3):
        at = start + timedelta(seconds=3 * (window - first) + second)
        send(Event(timestamp=at, duration=0, data={"app": f"app-{window}", "title": "Hisobot"}))
    print(window - first, flush=True)
    time.sleep(0.01)
if mode == "queue":
    # What is merged before it is sent goes out with the next window.
    send(Event(timestamp=start + timedelta(seconds=3 * count), duration=0, data={"app": "end", "title": ""}))
    while client.request_queue._persistqueue.qsize() or client.request_queue._current:
        time.sleep(0.05)
    client.disconnect()
