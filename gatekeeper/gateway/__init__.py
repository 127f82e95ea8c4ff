"""The Files-API gateway: any client of the service is guarded by setting `OPENAI_BASE_URL`.

The process in front speaks HTTP and spools, encrypted; it never looks into a dataset and has no
road to the destination. Desks, processes of their own, decide by `gate.check` and send by `upload`:
the same composition as the command line's. What is not on the list of endpoints is refused.
"""
