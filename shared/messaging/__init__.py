"""The bus: nameko over RabbitMQ, with sealed bodies, an access check, a relay and an inbox.

eventlet announces on import that it is deprecated. The project knows (it lives at the edge, so that it can be
replaced), and a service's standard error carries JSON lines only: that one warning is silenced here, no other.
"""

import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
