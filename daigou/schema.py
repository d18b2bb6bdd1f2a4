"""Every table, imported once: for migrations, privacy walks and fsck, which go by metadata."""

import traceability.inspection.models
import traceability.passport.models  # noqa: F401
from daigou.core.db import Base

metadata = Base.metadata
