import pytest

from daigou import schema
from daigou.core.access import PERMISSIONS
from daigou.core.errors import Impossible
from daigou.core.states import Machine, Stateful, move

MODELS = sorted(
    (m.class_ for m in schema.Base.registry.mappers if issubclass(m.class_, Stateful)), key=lambda c: c.__name__
)


def test_a_move_out_of_place_is_impossible():
    machine = Machine("lamp", "off", move("light", "off", "on", "public.view"))
    assert machine.find("off", "light").target == "on"
    with pytest.raises(Impossible):
        machine.find("on", "light")


def test_two_rows_for_one_state_are_a_mistake():
    with pytest.raises(ValueError, match="two rows"):
        Machine("lamp", "off", move("light", "off", "on", "a"), move("light", "off", "broken", "a"))


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_state_can_be_reached(model):
    machine = model.machine
    reached = {machine.initial}
    while more := {m.target for m in machine.moves if m.sources & reached} - reached:
        reached |= more
    assert reached == machine.states


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_move_needs_a_permission_of_the_table(model):
    assert {m.permission for m in model.machine.moves} <= set(PERMISSIONS)


def test_every_machine_has_a_name_of_its_own():
    names = [model.machine.name for model in MODELS]
    assert len(names) == len(set(names))
