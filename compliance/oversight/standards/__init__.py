"""Check-lists by standard. A point names what the system itself can show for it: see ``evidence``.

The lists say in our own words what each point is about; the standards' texts are their publishers'.
"""

from __future__ import annotations

from . import ecommerce_law, gdpr_30, iso_27001, pci_saq_a
from .form import Point, Standard

ALL: dict[str, Standard] = {
    standard.code: standard
    for standard in (pci_saq_a.STANDARD, iso_27001.STANDARD, gdpr_30.STANDARD, ecommerce_law.STANDARD)
}

__all__ = ["ALL", "Point", "Standard"]
