"""Rows as they stand in the database now, whatever was remembered."""

from sqlalchemy import select

from daigou.core.db import db


def fresh(model, **by):
    return db.session.execute(select(model).filter_by(**by).execution_options(populate_existing=True)).scalars().first()
