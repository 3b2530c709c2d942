"""A district in one file that belongs to no engine, and a district made of one. 备份与恢复。

A backup is a zip: JSON lines for every table, the contents of files as they are kept, and a manifest. Values that are
encrypted stay so, and the server's master keys are not in it.
"""

from __future__ import annotations
