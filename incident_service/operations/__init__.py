"""Running an installation: one supervisor, the processes it keeps alive, and the Redis server it brings along.

`python -m incident_service.operations` is `make run`. The application is imported once and forked into every
process, so that they share its memory; nothing here holds a socket, thread or connection before the fork except
the listening sockets. Each child dies with its supervisor, however that one ends.
"""
