"""Types declared from models once: from one declaration come fields, filters, orders, cursors and loaders."""

from __future__ import annotations

from .dimensions import Dimension as Dimension
from .dimensions import ages as ages
from .dimensions import among as among
from .dimensions import counts as counts
from .dimensions import months as months
from .fields import aggregate as aggregate
from .fields import column as column
from .fields import computed as computed
from .fields import connection as connection
from .fields import listed as listed
from .fields import masked as masked
from .fields import page as page
from .fields import relation as relation
from .node import Node as Node
from .node import node as node
from .roots import every as every
from .roots import record as record
