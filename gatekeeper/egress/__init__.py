"""The way out: the only room, besides the gateway, that opens sockets.

```
cleared ──▶ send ──▶ record (intended) ──▶ door ──▶ record (sent) ──▶ job ──▶ record (job)
                           └──▶ reconcile, take back, follow
```

`send` takes sealed snapshots under a clearance; nothing else does. What was sent is on record, and
`reconcile` brings records and destination together after a crash.
"""
