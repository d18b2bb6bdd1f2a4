"""Every table, imported once: for migrations, privacy walks and fsck, which go by metadata."""

# ruff: noqa: F401
import compliance.audit.models
import compliance.customs.models
import compliance.identity.models
import compliance.oversight.models
import compliance.privacy.models
import compliance.privacy.models_requests
import compliance.qualification.life_models
import compliance.qualification.models
import compliance.screening.models
import daigou.accounts.external.models
import daigou.accounts.factors.models
import daigou.accounts.models
import daigou.accounts.sessions.models
import daigou.aftersales.models
import daigou.announcing.models
import daigou.casework.models
import daigou.casework.suspicions.models
import daigou.catalog.bulk.models
import daigou.catalog.models
import daigou.conversations.models
import daigou.core.outbox
import daigou.disputes.models
import daigou.documents.models
import daigou.invoicing.models
import daigou.ledger.models
import daigou.methods.models
import daigou.notices.models
import daigou.orders.models
import daigou.payments.escrow.models
import daigou.payments.paying.models
import daigou.payments.payouts.banking.models
import daigou.payments.payouts.models
import daigou.payments.refunds.models
import daigou.pricing.models
import daigou.reconciliation.models
import daigou.reputation.models
import daigou.risk.habits.models
import daigou.risk.learning.models
import daigou.risk.models
import daigou.risk.network.models
import daigou.shipping.models
import daigou.sourcing.models
import daigou.warehouse.models
import daigou.warranty.models
import traceability.inspection.models
import traceability.passport.models
from daigou.core.db import Base

metadata = Base.metadata
