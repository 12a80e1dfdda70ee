"""Drives a simulated terminal with pyzk, as many programs of others do. Arguments: port, key, size of records, udp or tcp."""

import sys
from datetime import datetime, timedelta

from zk import ZK
from zk.exception import ZKErrorResponse

port, key, size, transport = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]


def device(password):
    return ZK("127.0.0.1", port=port, timeout=5, password=password, force_udp=transport == "udp", ommit_ping=True)


try:
    device(key + 1).connect()
    raise SystemExit("a wrong key was taken")
except ZKErrorResponse as refused:
    assert "Unauthenticated" in str(refused), refused

zk = device(key).connect()
assert zk.get_serialnumber() == "SIM0000000001"
assert zk.get_device_name() == "SpeedFace-V5L"
assert zk.get_firmware_version().startswith("Ver 6.60")
assert zk.get_extend_fmt() is None
assert abs((zk.get_time() + timedelta(0)) - zk.get_time()) < timedelta(seconds=2)
zk.read_sizes()
assert zk.users == 20 and zk.records >= 300, (zk.users, zk.records)

users = zk.get_users()
assert len(users) == 20 and [user.uid for user in users] == list(range(1, 21))
assert users[0].user_id == "1001" and users[0].privilege == 14 and users[1].card == 1_007_922

# The library asks how many records there are before it reads them, and is lost if somebody passes in between.
for _ in range(5):
    try:
        log = zk.get_attendance()
    except ValueError:
        continue
    if len(log) == zk.records:
        break
assert len(log) == zk.records >= 300, (len(log), zk.records)
log = log[:300]
assert [record.user_id for record in log[:3]] == ["1001", "1002", "1003"], log[:3]
assert {record.status for record in log} == {15} and {record.punch for record in log} == {0, 1}
assert all(later.timestamp - sooner.timestamp == timedelta(seconds=30) for sooner, later in zip(log, log[1:]))

zk.set_user(uid=21, name="Zarina", privilege=0, password="", group_id="", user_id="2001", card=12345678)
added = [user for user in zk.get_users() if user.user_id == "2001"]
assert len(added) == 1 and (added[0].name, added[0].card, added[0].uid) == ("Zarina", 12345678, 21)
zk.delete_user(uid=21)
assert len(zk.get_users()) == 20

assert zk.unlock(3)
moment = datetime(2026, 11, 23, 8, 30, 15)
assert zk.set_time(moment)
assert abs(zk.get_time() - moment) < timedelta(seconds=3)

captured = []
for event in zk.live_capture(new_timeout=10):
    assert event is not None, "nobody passed"
    captured.append(event)
    if len(captured) == 3:
        zk.end_live_capture = True
assert all(event.user_id.isdigit() and event.status == 15 for event in captured), captured
assert all(event.timestamp.year == 2026 for event in captured)
assert zk.disconnect()
print("ok")
