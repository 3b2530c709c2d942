"""The compiled executor: what an operation asks of declared fields becomes one SQL statement that answers JSON.

A resolver of a declared field is asked once, with stand-ins for the row and for what the client gave, which list or
record it would read (`standins`). The statement is made of the very conditions that it built (`statements`), kept by
the shape of what was asked and by whom (`shapes`, `plans`), and its bytes are the answer (`running`). What Python
computes is left as a hole in the text and filled by GraphQL's own executor; what cannot be asked so is resolved.
"""

from __future__ import annotations
