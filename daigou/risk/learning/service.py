"""Learning a model, putting it before two officers, asking the one in use: it orders a queue and decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import select

from compliance.audit import door, proposals
from compliance.audit.models import Proposal
from daigou.core import ids, kept
from daigou.core.access import Actor, require, system
from daigou.core.db import advisory_lock, after_commit, db, find, load, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import _, lazy
from daigou.risk.habits.scoring import MOST, VERSION
from daigou.risk.models import RiskCase

from . import rules
from .models import LearnedModel
from .rules import Example, Weights

KIND: Final = "habit.model"
SIGNS: Final = tuple(sorted(MOST))
"""The features, by name: each is a sign's points over the most that it may weigh."""
SYSTEM: Final = system("risk")
SHOWN: Final = 20
_RESCORED: Final = 500


def example(at: datetime, rows: Iterable[Mapping[str, Any]], wrong: bool) -> Example:
    """One decided payment, from the signs that were kept with it."""
    return Example(at, signs_of(rows), wrong)


def signs_of(rows: Iterable[Mapping[str, Any]]) -> tuple[float, ...]:
    points = {row["code"]: int(row.get("points") or 0) for row in rows}
    return tuple(points.get(code, 0) / MOST[code] for code in SIGNS)


def train(examples: Sequence[Example]) -> LearnedModel | None:
    """Keep what these examples teach. None where they are too few; the same ones again make the same model, once."""
    if not rules.enough(examples):
        return None
    digest = _digest(examples)
    taught, held_out = rules.parted(examples)
    with transaction():
        advisory_lock(KIND)
        known = find(LearnedModel, digest=digest)
        if known is not None:
            return known
        weights = rules.learn(taught)
        model = LearnedModel(
            ref=ids.new_ref("MDL"),
            digest=digest,
            since=min(each.at for each in examples),
            until=max(each.at for each in examples),
            examples=len(examples),
            wrong=sum(each.wrong for each in examples),
            intercept=weights.intercept,
            weights=[{"sign": s, "weight": w} for s, w in zip(SIGNS, weights.by_sign, strict=True)],
            figures=rules.measure(weights, held_out).as_json(),
            version=VERSION,
        )
        door.created(SYSTEM, model, examples=model.examples, wrong=model.wrong, digest=digest)
        db.session.flush()
    return model


def _digest(examples: Sequence[Example]) -> str:
    said = sorted(repr((each.at.isoformat(), each.signs, each.wrong)) for each in examples)
    return sha256("\n".join((str(VERSION), *SIGNS, *said)).encode()).hexdigest()


def models(actor: Actor) -> Sequence[LearnedModel]:
    """The newest, at most SHOWN, and the one in use among them or not."""
    require(actor, "habit.view")
    statement = select(LearnedModel).order_by(LearnedModel.created_at.desc(), LearnedModel.id.desc()).limit(SHOWN)
    return db.session.execute(statement).scalars().all()


def propose(actor: Actor, ref: str, reason: str) -> Proposal:
    """Put a model into use, with a second officer's consent. Impossible while one is proposed, or for signs of old."""
    with transaction():
        advisory_lock(KIND)
        model: LearnedModel = load(LearnedModel, ref=ref)
        _refuse_unfit(model)
        if proposals.open_about(KIND, KIND) is not None:
            raise Impossible("model.proposed", lazy("Another model waits for a second person already."))
        return proposals.propose(
            actor, KIND, about=KIND, summary=_summary(model), reason=reason, payload={"model": model.ref}
        )


def _refuse_unfit(model: LearnedModel) -> None:
    if model.is_("active"):
        raise Impossible("model.active", lazy("This model is in use already."))
    if model.version != VERSION or [row["sign"] for row in model.weights] != list(SIGNS):
        raise Impossible("model.old", lazy("This model was learned from other signs than those of today."))


def _summary(model: LearnedModel) -> str:
    found = model.figures
    return _(
        "Model %(ref)s of %(examples)s examples, %(wrong)s of them wrong. On held-out ones: ranking %(ranking)s, "
        "precision %(precision)s, recall %(recall)s.",
        ref=model.ref,
        examples=model.examples,
        wrong=model.wrong,
        **{name: _share(found[name]) for name in ("ranking", "precision", "recall")},
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _activate(actor: Actor, proposal: Proposal) -> None:
    """The second officer agreed: it takes the place of the one before, and the open cases are ordered anew."""
    model: LearnedModel = load_locked(LearnedModel, ref=proposal.payload["model"])
    _refuse_unfit(model)
    before = find(LearnedModel, state="active")
    if before is not None:
        door.transition(actor, load_locked(LearnedModel, id=before.id), "retire", by=model.ref)
        db.session.flush()
    door.transition(actor, model, "activate", proposal=proposal.ref)
    weights = _weights(model)
    open_ones = select(RiskCase).filter_by(kind="payment", state="open").limit(_RESCORED).with_for_update()
    for case in db.session.execute(open_ones).scalars():
        case.likelihood = _permille(weights, case.reasons)
    after_commit(forget)


def likelihood(rows: Iterable[Mapping[str, Any]]) -> int:
    """Permille by the model in use; 0 without one, so that nothing is ordered by it."""
    weights = kept.once_a_minute("learned_model", _in_use)
    return 0 if weights is None else _permille(weights, rows)


def _permille(weights: Weights, rows: Iterable[Mapping[str, Any]]) -> int:
    return round(1000 * rules.likelihood(weights, signs_of(rows)))


def _in_use() -> Weights | None:
    """Of the model in use; None while there is none, or none that fits the signs of today."""
    model = find(LearnedModel, state="active")
    fits = model is not None and model.version == VERSION and len(model.weights) == len(SIGNS)
    return _weights(model) if model is not None and fits else None


def forget() -> None:
    """After another model came into use: this process reads it anew."""
    kept.forget("learned_model")


def _weights(model: LearnedModel) -> Weights:
    return Weights(model.intercept, tuple(row["weight"] for row in model.weights))


_TITLE = lazy("Model that orders the queue of payments")
proposals.register(proposals.Kind(KIND, propose="habit.propose", decide="habit.decide", title=_TITLE, apply=_activate))
