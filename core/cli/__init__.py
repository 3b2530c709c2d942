"""The command `linli`. 命令行。

A plugin's own commands (hook `linli_cli`) use what this package offers to all: `invocation.current()` for the
configuration, `running.run()` and `running.entered()` for a district, `messages` and `tables` for what is shown.
"""
