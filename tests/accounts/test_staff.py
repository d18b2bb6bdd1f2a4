import secrets

from click.testing import CliRunner

from daigou.accounts import directory, staff
from daigou.commands.admin import create as command
from tests import factories

from .people import PASSWORD, fresh_email, joined, link, sign_in


def invite(browser, email, role="officer", **more):
    return browser.post(
        "/officer/staff", data={"email": email, "role": role, "once": secrets.token_urlsafe(18), **more}
    )


def test_an_admin_invites_and_the_invited_chooses_a_password(app, client, client_of):
    admin, email = factories.account("admin"), fresh_email()
    assert invite(client_of(admin), email).status_code == 303
    account = directory.by_email(email)
    assert (account.state, account.roles) == ("unconfirmed", ["officer"])
    assert sign_in(client, email).status_code == 422
    path = link(email, "account.invite")
    assert email in client.get(path).text
    assert client.post(path, data={"name": "Sven", "password": "password1234"}).status_code == 422
    assert client.post(path, data={"name": "Sven", "password": PASSWORD}).status_code == 303
    assert client.post(path, data={"name": "Eve", "password": PASSWORD}).status_code == 409
    assert sign_in(client, email).status_code == 303
    assert (account.state, account.name) == ("active", "Sven")


def test_suspending_ends_every_session_and_restoring_lets_in_again(app, client, client_of):
    admin, officer = factories.account("admin"), factories.account("officer")
    there = client_of(officer)
    assert there.get("/account").status_code == 200
    client_of(admin).post(f"/officer/staff/{officer.subject}/suspend")
    assert there.get("/account").status_code == 303
    client_of(admin).post(f"/officer/staff/{officer.subject}/restore")
    assert there.get("/account").status_code == 303, "the old session stays dead"
    assert client_of(officer).get("/account").status_code == 200


def test_nobody_suspends_themselves_or_a_shopper_here(app, client_of):
    admin, shopper = factories.account("admin"), factories.account()
    for subject in (admin.subject, shopper.subject):
        assert client_of(admin).post(f"/officer/staff/{subject}/suspend").status_code == 409
    assert client_of(admin).post("/officer/staff/sub_nobody/suspend").status_code == 404


def test_a_shoppers_address_is_not_invited(app, client, client_of):
    shopper = joined(client)
    answer = invite(client_of(factories.account("admin")), shopper.email)
    assert answer.status_code == 422
    assert shopper.email in answer.text
    assert shopper.roles == ["shopper"]


def test_a_second_invitation_replaces_the_first(app, client, client_of):
    admin, email = client_of(factories.account("admin")), fresh_email()
    invite(admin, email)
    first = link(email, "account.invite")
    invite(admin, email)
    assert client.get(first).status_code == 409
    assert client.get(link(email, "account.invite")).status_code == 200


def test_only_admins_manage_staff(app, client_of):
    for role in ("shopper", "merchant", "inspector", "support", "officer"):
        browser = client_of(factories.account(role))
        assert browser.get("/officer/staff").status_code == 403
        assert invite(browser, fresh_email()).status_code == 403


def test_bad_invitations_are_refused_at_the_field(app, client_of):
    admin = client_of(factories.account("admin"))
    assert invite(admin, "nobody").status_code == 422
    assert invite(admin, fresh_email(), role="owner").status_code == 422
    assert invite(admin, fresh_email(), once="").status_code == 422


def test_the_list_shows_staff_only(app, client_of):
    officer, shopper, admin = factories.account("officer"), factories.account(), factories.account("admin")
    page = client_of(admin).get("/officer/staff").text
    assert officer.email in page
    assert shopper.email not in page
    assert {row.roles[0] for row in staff.everybody(factories.actor(admin), None)} <= {*staff.ROLES}


def test_the_first_admin_comes_from_the_command_line(app, client, monkeypatch):
    create, email = command.callback.__wrapped__, fresh_email()
    runner = CliRunner()
    with runner.isolation(input=f"{PASSWORD}\n"):
        create(email=email, name="Ada", password_stdin=True)
    assert sign_in(client, email).headers["Location"] == "/account/enrol"
    with runner.isolation() as (out, *_):
        create(email=(second := fresh_email()), name="Ada", password_stdin=False)
        printed = out.getvalue().decode()
    assert printed.strip().endswith(link(second, "account.invite"))
